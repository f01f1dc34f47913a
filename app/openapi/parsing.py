"""From bytes to a tree, whatever of JSON and YAML they are written in."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from app.errors import DescriptionError
from app.openapi import decoding, json_tree, recognition, yaml_tree
from app.openapi.problems import Problems
from app.openapi.tree import Json

#: A text of JSON, or a comment; each ends with the document at the latest.
_COMMENT = re.compile(
    r"(?P<text>\"(?:[^\"\\]|\\.)*+(?:\"|\Z))|//[^\n]*|/\*(?:.*?\*/|.*)", re.DOTALL
)
_HINT = "Give an OpenAPI or Swagger description as JSON or YAML."


def parse(data: bytes, *, document: str, problems: Problems) -> Json:
    """The tree of a document; `document` is its name in errors, empty for the entry document.

    What begins like JSON and is not is tried as YAML, which forgives a trailing comma, and then
    without comments.
    DescriptionError when it cannot be read, is too large or nested too deeply.
    """
    where = document or "#"
    text = decoding.text_of(data, document=document, problems=problems)
    kind = recognition.kind_of_text(text)
    if kind:
        raise DescriptionError(f"This is {kind}.", where=where, hint=_HINT)
    try:
        return _parse(text, document, problems)
    except ValueError as error:
        raise DescriptionError(f"Not readable: {error}.", where=where, hint=_HINT) from error
    except OverflowError as error:
        raise DescriptionError(
            f"The description has too much in it: {error}.", where=where, hint="Give a smaller one."
        ) from error


def _parse(text: str, document: str, problems: Problems) -> Json:
    if not text.lstrip().startswith(("{", "[", "//", "/*")):
        return yaml_tree.parse(text, document=document, problems=problems)
    try:
        return json_tree.parse(text)
    except ValueError as error:
        for attempt in _forgiving(text):
            with contextlib.suppress(ValueError):
                return yaml_tree.parse(attempt, document=document, problems=problems)
        raise ValueError(f"it is not JSON: {error}") from error


def _forgiving(text: str) -> Iterator[str]:
    """What nearly is JSON as YAML may read it: as it is, and without comments."""
    if not text.lstrip().startswith("/"):
        yield text
    yield _COMMENT.sub(lambda found: found["text"] or " ", text)
