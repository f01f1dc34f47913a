"""From bytes to a tree, whatever of JSON and YAML they are written in."""

from __future__ import annotations

from app.errors import DescriptionError
from app.openapi import decoding, json_tree, recognition, yaml_tree
from app.openapi.problems import Problems
from app.openapi.tree import Json

_HINT = "Give an OpenAPI or Swagger description as JSON or YAML."


def parse(data: bytes, *, document: str, problems: Problems) -> Json:
    """The tree of a document; `document` is its name in errors, empty for the entry document.

    What begins like JSON and is not is tried as YAML, which forgives a trailing comma.
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
    if not text.lstrip().startswith(("{", "[")):
        return yaml_tree.parse(text, document=document, problems=problems)
    try:
        return json_tree.parse(text)
    except ValueError as error:
        try:
            return yaml_tree.parse(text, document=document, problems=problems)
        except ValueError:
            raise ValueError(f"it is not JSON: {error}") from error
