"""`python -m argocd.pin REPOSITORY DIGEST`: the chart names one image that was built.

A chart is packaged with it, so that whoever installs a release gets the image that was scanned and
attested for it, whatever becomes of its tag. Needs nothing installed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from argocd import lines

_VALUES: Final = Path(__file__).parent.parent / "helm" / "ai-testops" / "values.yaml"
#: As registries spell names; without a tag.
_REPOSITORY: Final = re.compile(r"[a-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9._-]+)+")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


def main(arguments: list[str], path: Path = _VALUES) -> int:
    """Change the values; 1 and a sentence where that is not possible, 2 for misuse."""
    match arguments:
        case [repository, digest]:
            reason = _pin(repository, digest, path)
        case _:
            sys.stderr.write("usage: python -m argocd.pin REPOSITORY DIGEST\n")
            return 2
    if reason:
        sys.stderr.write(f"{reason}\n")
    return 1 if reason else 0


def _pin(repository: str, digest: str, path: Path) -> str:
    """Change the file; why not, where it cannot be done."""
    if not _REPOSITORY.fullmatch(repository):
        return f"{repository!r} is no image: give one as registry.example.org/name, without a tag."
    if not _DIGEST.fullmatch(digest):
        return f"{digest!r} is no digest: give one as sha256: and 64 digits."
    values = path.read_text("utf-8")
    for key, word in (("repository", repository), ("digest", digest)):
        changed = lines.of_image(values, key, word)
        if changed is None:
            return f"{path.name} has no `{key}:` under `image:` to change."
        values = changed
    path.write_text(values, encoding="utf-8")
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
