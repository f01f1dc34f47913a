"""Finds what a `$ref` leads to, inside the documents that were given and nowhere else.

A reference never makes anything be fetched, and reads no file but through the mapping of documents
that the caller hands in. JSON Reference and RFC 6901 (pointers), RFC 3986 (relative references).
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from urllib.parse import unquote, urldefrag

from app.errors import DescriptionError
from app.openapi import limits, parsing, tree
from app.openapi.problems import Problems
from app.openapi.tree import Json, Node

#: Characters of a reference that a message repeats.
_LINE = 200


class BrokenReferenceError(Exception):
    """A reference leads nowhere; the message says why."""


class References:
    """The entry document and those its references may lead into, parsed when first needed.

    `origin` is where the entry document came from, an URL or a file name; `files` holds the other
    documents, keyed by their path relative to the entry document's folder.
    """

    def __init__(
        self, entry: Json, *, origin: str, files: Mapping[str, bytes], problems: Problems
    ) -> None:
        self.entry = Node("", entry)
        self._origin = urldefrag(origin).url
        #: By which absolute names the entry document is meant: OpenAPI 3.2 has it say one itself.
        self._own = {self._origin, urldefrag(_said(entry, "$self")).url} - {""}
        self._entry_name = posixpath.basename(self._origin.partition("?")[0])
        self._files = files
        self._problems = problems
        self._documents: dict[str, Node] = {"": self.entry}
        #: Why a document cannot be used, so that it is tried only once.
        self._broken: dict[str, str] = {}
        self._bytes = 0

    def follow(self, node: Node) -> Node:
        """The value itself, or what it leads to through one `$ref` or a chain of them.

        BrokenReferenceError when the chain dangles, closes on itself or leaves the documents.
        """
        for _ in range(limits.MAX_HOPS):
            reference = reference_in(node)
            if reference is None:
                return node
            node = self.target(reference, node.document)
        raise BrokenReferenceError("the reference only leads to itself")

    def target(self, reference: str, document: str) -> Node:
        """The place that a reference found in a document names, not followed further."""
        return self._target(reference, document, limits.MAX_DETOURS)

    def _target(self, reference: str, document: str, hops: int) -> Node:
        location, _, fragment = reference.partition("#")
        node = (
            self._document(self._name(location, document))
            if location
            else self._documents[document]
        )
        try:
            tokens = tree.tokens_of(fragment)
        except ValueError as error:
            raise BrokenReferenceError(f"'{_short(reference)}' is no JSON pointer") from error
        for token in tokens:
            node = self._step(node, token, hops)
        return node

    def _step(self, node: Node, token: str, hops: int) -> Node:
        """One token down, through a reference that stands in the way."""
        self._problems.spend()
        found = node.at(token)
        if found is not None:
            return found
        through = reference_in(node)
        if through is None or hops == 0:
            raise BrokenReferenceError(f"there is no '{_short(token)}' at {_short(node.pointer)}")
        return self._step(self._target(through, node.document, hops - 1), token, hops - 1)

    def _name(self, location: str, document: str) -> str:
        """The key of a document among the files; "" for the entry document."""
        if location in self._own:
            return ""
        if "://" in location or location.startswith(("/", "\\", "data:", "file:", "jar:")):
            raise BrokenReferenceError(
                f"'{_short(location)}' is outside the description, and nothing is fetched for it"
            )
        folder = posixpath.dirname(document)
        name = posixpath.normpath(posixpath.join(folder, unquote(location)))
        return "" if name == self._entry_name and name not in self._files else name

    def _document(self, name: str) -> Node:
        if name in self._broken:
            raise BrokenReferenceError(self._broken[name])
        if name not in self._documents:
            try:
                self._documents[name] = Node(name, self._parsed(name))
            except BrokenReferenceError as error:
                self._broken[name] = str(error)
                raise
        return self._documents[name]

    def _parsed(self, name: str) -> Json:
        data = self._files.get(name)
        if data is None:
            raise BrokenReferenceError(f"the file '{_short(name)}' was not given")
        self._bytes += len(data)
        if self._bytes > limits.MAX_DOCUMENT_BYTES or len(self._documents) >= limits.MAX_DOCUMENTS:
            raise BrokenReferenceError(f"with '{_short(name)}' the documents become too many")
        try:
            return parsing.parse(data, document=name, problems=self._problems)
        except DescriptionError as error:
            raise BrokenReferenceError(f"the file '{_short(name)}': {error.detail}") from error


def _said(document: Json, key: str) -> str:
    """A text at the top of a document; empty where none stands there."""
    said = document.get(key) if isinstance(document, dict) else None
    return said if isinstance(said, str) else ""


def reference_in(node: Node) -> str | None:
    """The text of an object's `$ref`, None where it has none."""
    reference = node.value.get("$ref") if isinstance(node.value, dict) else None
    return reference if isinstance(reference, str) else None


def _short(text: str) -> str:
    """A reference as it may stand in a message: never longer than a line."""
    return text if len(text) <= _LINE else f"{text[:_LINE]}…"
