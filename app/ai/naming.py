"""Names of modules and functions, made from whatever text a description holds.

Names are ASCII, lower case, at most 100 characters, and unique without regard to case: they are
file names on any system. Their prefix keeps them from being a keyword or a name with a meaning.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

MAX_LENGTH = 100

_SUFFIX = ".py"
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = re.compile(r"[^a-z0-9]+")


def module_names(operations: Iterable[str]) -> dict[str, str]:
    """Operation ("GET /pets/{petId}") → file name ("test_get_pets_petid.py")."""
    taken: set[str] = set()
    return {key: _module_name(key, taken) for key in operations}


def function_name(words: str, taken: set[str]) -> str:
    """A test function's name from words, not yet taken; it is added to `taken`."""
    return _unique(f"test_{slug(_CAMEL.sub('_', words)) or 'input'}", words, taken, MAX_LENGTH)


def variable_name(text: str) -> str:
    """A local variable's name: "petId" → "pet_id"; never a keyword or a name the test uses."""
    name = slug(_CAMEL.sub("_", text))
    return f"{name}_value" if "_" not in name or not name[0].isalpha() else name


def split(name: str) -> str:
    """A name with its words apart: "bookTitle" becomes "book_Title"."""
    return _CAMEL.sub("_", name)


@lru_cache(maxsize=10_000)
def slug(text: str) -> str:
    """The letters and digits of a text, words joined by underscores."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _OTHER.sub("_", plain.lower()).strip("_")


def plain(text: str) -> str:
    """A name without what differs between spellings: "perPage" and "per_page" are one."""
    return slug(text).replace("_", "")


def _module_name(key: str, taken: set[str]) -> str:
    stem = f"test_{slug(key) or 'operation'}"
    return _unique(stem, key, taken, MAX_LENGTH - len(_SUFFIX)) + _SUFFIX


def _unique(stem: str, full: str, taken: set[str], limit: int) -> str:
    if len(stem) > limit:
        digest = hashlib.sha256(full.encode("utf-8", "replace")).hexdigest()[:8]
        stem = f"{stem[: limit - len(digest) - 1].rstrip('_')}_{digest}"
    name, number = stem, 2
    while name in taken:
        ending = f"_{number}"
        name, number = f"{stem[: limit - len(ending)]}{ending}", number + 1
    taken.add(name)
    return name
