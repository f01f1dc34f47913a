"""`python -m argocd.promote ENVIRONMENT VERSION`: an environment's values name another image.

Only the tag changes, so that a diff shows one line and the file keeps its comments. Needs nothing
installed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

_ENVIRONMENTS = Path(__file__).with_name("environments")

#: Semantic Versioning 2.0.0, as the releases use it, or an image of one commit.
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+|sha-[0-9a-f]{40}")
#: The tag directly under the top-level `image`.
_TAG = re.compile(
    r"(?P<before>^image:[ \t]*(?:#.*)?\n(?:(?:[ \t]+.*|[ \t]*#.*)?\n)*?[ ]+tag:[ \t]*)"
    r"(?P<quote>[\"']?)(?P<tag>[A-Za-z0-9._-]+)(?P=quote)(?=[ \t]*(?:#.*)?$)",
    re.MULTILINE,
)


class PromotionError(Exception):
    """A promotion that cannot be made; the message says why and what to do."""


def promoted(values: str, version: str) -> str:
    """An environment's values with this version; raises PromotionError."""
    if not _VERSION.fullmatch(version):
        raise PromotionError(
            f"{version!r} is no released version: give one as 1.2.3, or sha- and a whole commit."
        )
    changed, count = _TAG.subn(rf'\g<before>"{version}"', values, count=1)
    if not count:
        raise PromotionError("The values have no `tag:` under `image:` to change.")
    return changed


def main(arguments: list[str], folder: Path = _ENVIRONMENTS) -> int:
    """Change the file; 1 and a sentence where that is not possible, 2 for misuse."""
    match arguments:
        case [environment, version]:
            reason = _promote(environment, version, folder)
        case _:
            sys.stderr.write("usage: python -m argocd.promote ENVIRONMENT VERSION\n")
            return 2
    if reason:
        sys.stderr.write(f"{reason}\n")
    return 1 if reason else 0


def _promote(environment: str, version: str, folder: Path) -> str:
    """Change one environment's file; why not, where it cannot be done."""
    known = sorted(path.parent.name for path in folder.glob("*/values.yaml"))
    if environment not in known:
        return f"No environment {environment!r}: there are {', '.join(known)}."
    path = folder / environment / "values.yaml"
    try:
        path.write_text(promoted(path.read_text("utf-8"), version), encoding="utf-8")
    except PromotionError as error:
        return f"{environment}: {error}"
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
