"""A document as a tree of JSON values, and places in it that know their pointer (RFC 6901)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

#: What JSON can say.
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

#: Left readable in a pointer; RFC 3986 would have braces encoded, people look for "{petId}".
_SAFE = "{}!$&'()*+,;=:@?-._~"
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_PLAIN_TOKEN = re.compile(r"[A-Za-z0-9{}!$&'()*+,;=:@?._-]*")


#: Control characters have no place in prose, and PostgreSQL stores no NUL.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def prose(value: Json) -> str:
    """A title, name or description as text: numbers are written out, anything else is empty."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _CONTROLS.sub("", value).strip() if isinstance(value, str) else ""


def escape(token: str) -> str:
    """A pointer token as it stands in a URI fragment: "/pets" becomes "~1pets"."""
    if _PLAIN_TOKEN.fullmatch(token):
        return token
    return quote(token.replace("~", "~0").replace("/", "~1"), safe=_SAFE)


def tokens_of(fragment: str) -> tuple[str, ...]:
    """The tokens of a URI fragment that is a JSON pointer; ValueError where it is none."""
    pointer = unquote(fragment)
    if pointer and not pointer.startswith("/"):
        raise ValueError("a pointer starts with '/'")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


class Node:
    """A value at its place in a document.

    The pointer is put together only when asked for: most places are never named.
    """

    __slots__ = ("document", "parent", "token", "value")

    def __init__(
        self, document: str, value: Json, parent: Node | None = None, token: str = ""
    ) -> None:
        self.document = document
        self.value = value
        self.parent = parent
        self.token = token

    @property
    def pointer(self) -> str:
        """Where it is: "#/paths/~1pets", or "common/Error.json#/x" in another document."""
        tokens: list[str] = []
        node = self
        while node.parent is not None:
            tokens.append(escape(node.token))
            node = node.parent
        return f"{self.document}#" + "".join(f"/{token}" for token in reversed(tokens))

    def child(self, token: str, value: Json) -> Node:
        """The place of a value that the caller already holds."""
        return Node(self.document, value, self, token)

    def get(self, token: str) -> Node | None:
        """The value under a key, None where there is none (JSON's null counts as none)."""
        value = self.value.get(token) if isinstance(self.value, dict) else None
        return None if value is None else Node(self.document, value, self, token)

    def at(self, token: str) -> Node | None:
        """The value under a key or an index, as a JSON pointer walks; None where there is none."""
        if isinstance(self.value, dict) and token in self.value:
            return self.child(token, self.value[token])
        if isinstance(self.value, list) and _INDEX.fullmatch(token):
            index = int(token)
            return self.child(token, self.value[index]) if index < len(self.value) else None
        return None

    def items(self) -> Iterator[Node]:
        """The values of an object, their keys as tokens; nothing for any other value."""
        if isinstance(self.value, dict):
            for token, value in self.value.items():
                yield Node(self.document, value, self, token)

    def elements(self) -> Iterator[Node]:
        """The values of a list; nothing for any other value."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield Node(self.document, value, self, str(index))
