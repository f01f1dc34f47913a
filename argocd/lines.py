"""Changes one line of a YAML file: a diff shows just that, and the file keeps its comments.

Needs nothing installed.
"""

from __future__ import annotations

import re
from typing import Final

#: A plain or quoted word, or an empty text; what stands behind it is a comment at most.
_WORD: Final = r"(?P<quote>[\"']?)[A-Za-z0-9./:_-]*(?P=quote)(?=[ \t]*(?:#.*)?$)"


def of_image(values: str, key: str, word: str) -> str | None:
    """Values whose top-level `image` has another word under `key`; None without such a key."""
    before = rf"(?P<before>^image:[ \t]*(?:#.*)?\n(?:(?:[ \t]+.*|[ \t]*#.*)?\n)*?[ ]+{key}:[ \t]*)"
    return _changed(before, values, word)


def of_chart(application: str, word: str) -> str | None:
    """An application whose chart has another `targetRevision`; None where it has no chart."""
    before = r"(?P<before>^[ -]+chart:[^\n]*\n[ ]+targetRevision:[ \t]*)"
    return _changed(before, application, word)


def _changed(before: str, text: str, word: str) -> str | None:
    pattern = re.compile(before + _WORD, re.MULTILINE)
    changed, count = pattern.subn(rf'\g<before>"{word}"', text, count=1)
    return changed if count else None
