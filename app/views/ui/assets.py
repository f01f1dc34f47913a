"""Where the browser finds what `frontend/build.mjs` bundled: names that carry a content hash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

DIST = Path(__file__).resolve().parents[2] / "static" / "dist"


def manifest(folder: Path) -> Mapping[str, str]:
    """Bundled name of each source; empty where nothing was bundled.

    Without a bundle (`make setup` makes it) pages work, but plainly.
    """
    path = folder / "manifest.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def address(names: Mapping[str, str], name: str) -> str:
    """The path of an asset below the static folder."""
    return f"dist/{names.get(name, name)}"
