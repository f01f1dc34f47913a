"""`python -m argocd.promote ENVIRONMENT VERSION`: an environment runs another version.

Where its application takes a released chart, the chart's version changes, and the image with it;
else the tag of the image in its values. Needs nothing installed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from argocd import lines

_FOLDER: Final = Path(__file__).parent

#: Semantic Versioning 2.0.0, as the releases use it.
_RELEASE: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
#: An image of one commit.
_COMMIT: Final = re.compile(r"sha-[0-9a-f]{40}")


class PromotionError(Exception):
    """A promotion that cannot be made; the message says why and what to do."""


def released(application: str, version: str) -> str | None:
    """An application with this version of its chart, None where it takes none.

    Raises PromotionError where the version is no release.
    """
    if (changed := lines.of_chart(application, version)) is None:
        return None
    if not _RELEASE.fullmatch(version):
        raise PromotionError(f"{version!r} is no released version: give one as 1.2.3.")
    return changed


def tagged(values: str, version: str) -> str:
    """An environment's values with the image of this version; raises PromotionError."""
    if not (_RELEASE.fullmatch(version) or _COMMIT.fullmatch(version)):
        raise PromotionError(
            f"{version!r} is no released version: give one as 1.2.3, or sha- and a whole commit."
        )
    changed = lines.of_image(values, "tag", version)
    if changed is None:
        raise PromotionError("The values have no `tag:` under `image:` to change.")
    return changed


def main(arguments: list[str], folder: Path = _FOLDER) -> int:
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
    known = sorted(path.stem for path in folder.glob("applications/*.yaml"))
    if environment not in known:
        return f"No environment {environment!r}: there are {', '.join(known)}."
    application = folder / "applications" / f"{environment}.yaml"
    values = folder / "environments" / environment / "values.yaml"
    try:
        if changed := released(application.read_text("utf-8"), version):
            application.write_text(changed, encoding="utf-8")
        else:
            values.write_text(tagged(values.read_text("utf-8"), version), encoding="utf-8")
    except PromotionError as error:
        return f"{environment}: {error}"
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
