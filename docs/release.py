"""`python -m docs.release VERSION`: what CHANGELOG.md says of a version, as a release's notes.

Needs nothing installed: it runs before anything is built.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


class ReleaseError(Exception):
    """A version that cannot be released; the message says why and what to do."""


def notes(version: str, changelog: str, project: str) -> str:
    """The version's section in Markdown.

    `changelog` is CHANGELOG.md and `project` pyproject.toml. Raises ReleaseError where the project
    has another version, or the changelog no section of this one, or an empty one.
    """
    stated = tomllib.loads(project)["project"]["version"]
    if stated != version:
        raise ReleaseError(
            f"pyproject.toml has version {stated}, not {version}: "
            f"change it there, or tag v{stated}."
        )
    found = re.search(
        rf"^## \[?{re.escape(version)}\]?(?: [^\n]*)?\n(?P<text>.*?)(?=^## |\Z)",
        changelog,
        re.MULTILINE | re.DOTALL,
    )
    text = found["text"].strip() if found else ""
    if not text:
        raise ReleaseError(
            f"CHANGELOG.md says nothing of {version}: give what stands under Unreleased the "
            f"heading `## {version} - YYYY-MM-DD`."
        )
    return f"{text}\n"


def unfrozen(version: str, frozen: str, newest: str) -> None:
    """Refuse a release whose tables the next one's migrations would not be held against.

    `frozen` is migrations/released.json, `newest` the newest migration's revision. Raises
    ReleaseError.
    """
    told = json.loads(frozen)
    if (told["version"], told["revision"]) != (version, newest):
        raise ReleaseError(
            f"migrations/released.json has the tables of {told['version']} at {told['revision']}, "
            f"not of {version} at {newest}: run `python -m tests.deploy.shape` and commit it."
        )


def main(arguments: list[str]) -> int:
    """Print the notes; 1 and a sentence where the version cannot be released, 2 for misuse."""
    match arguments:
        case [version]:
            return _print(version)
        case _:
            sys.stderr.write("usage: python -m docs.release VERSION\n")
            return 2


def _print(version: str) -> int:
    changelog, project = _ROOT / "CHANGELOG.md", _ROOT / "pyproject.toml"
    migrations = _ROOT / "migrations"
    newest = max(path.name.partition("_")[0] for path in migrations.glob("versions/[0-9]*.py"))
    try:
        text = notes(version, changelog.read_text("utf-8"), project.read_text("utf-8"))
        unfrozen(version, (migrations / "released.json").read_text("utf-8"), newest)
    except ReleaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
