"""`python -m docs`: writes the pages that are made from the code."""

from __future__ import annotations

from pathlib import Path

from docs import chart, reference, structure

if __name__ == "__main__":
    for name, page in reference.PAGES.items():
        Path(__file__).with_name(name).write_text(page(), encoding="utf-8")
    (structure.ROOT / "PROJECT_STRUCTURE.md").write_text(structure.page(), encoding="utf-8")
    (chart.CHART / "README.md").write_text(chart.page(), encoding="utf-8")
