"""PROJECT_STRUCTURE.md: every folder with what it is for, in the words of its own package."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parent.parent

#: Folders that hold no Python package; those below them go without saying.
PLAIN: Final[Mapping[str, str]] = {
    ".ci": "what a submission has to pass",
    ".github": "workflows: check, test, image, chart, release, promote",
    "frontend": "the source of scripts and styles, bundled by `make setup`",
    "helm": "the chart, its set-ups and its rules",
    "migrations": "the tables, one revision after the other",
    "monitoring": "what Prometheus asks, what Grafana shows",
    "templates": "the pages, one folder for each family",
    "tests": "unit, behaviour, integration, acceptance, deploy and fitness tests; fixtures",
}


def page() -> str:
    """The page in Markdown."""
    rows = "\n".join(f"| `{name}/` | {text} |" for name, text in sorted(_folders()))
    return (
        "# Project structure\n\n"
        "<!-- Made by `make docs` from the first line of each package. -->\n\n"
        "Which of them may import which is said in [ARCHITECTURE.md](ARCHITECTURE.md); `make\n"
        "check` holds the code to it. Tests lie as what they test does.\n\n"
        f"| Folder | What is there |\n| --- | --- |\n{rows}\n"
    )


def folders_of_git() -> set[str]:
    """Every folder in which Git keeps something."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - whichever Git there is
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    parents = (parent for name in listed.split("\0") for parent in Path(name).parents)
    return {str(parent) for parent in parents} - {"."}


def _folders() -> Iterator[tuple[str, str]]:
    yield from PLAIN.items()
    for name in folders_of_git():
        package = ROOT / name / "__init__.py"
        text = ast.get_docstring(ast.parse(package.read_text("utf-8"))) if package.exists() else ""
        if text:
            yield name, text.split("\n\n")[0].replace("\n", " ")
