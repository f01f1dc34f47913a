"""Marks foreign text, so that a model can tell it from what we say.

The mark is made of the text's own digest: a text cannot hold the mark that closes it.
"""

from __future__ import annotations

import hashlib
import json
import re

from testops.json_values import Json

#: Characters that are not seen, that turn the direction of what follows, or that are none (half of
#: a surrogate pair, which nothing can send).
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\U000e0000-\U000e007f]"
)


def fenced(label: str, text: str) -> str:
    """A text between two lines that hold its mark; the label is ours."""
    seen = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)
    mark = hashlib.sha256(seen.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    return f"<data {label} {mark}>\n{seen}\n</data {label} {mark}>"


def compact(value: Json) -> str:
    """A JSON value as text, each part on a line of its own."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)


def cut(text: str, limit: int) -> str:
    """The beginning of a text, and that it is one."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n[{len(text) - limit} characters are left out here]"
