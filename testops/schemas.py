"""Holds values against the schemas of a contract, by JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from urllib.parse import unquote

import jsonschema_rs

from testops import exposure, pointers
from testops.errors import ContractError
from testops.json_values import Json

#: Under this name the document's schemas refer to each other.
_DOCUMENT = "urn:testops:contract"
#: A report with more lines than this is not read.
_MAX_COMPLAINTS = 5
#: The validator quotes the value in its message, however long it is.
_MAX_COMPLAINT_LENGTH = 300


class Schemas:
    """The schemas of one document; each is compiled once, when it is first needed.

    References of the form `#/…` lead into the document. Nothing is ever fetched.
    """

    def __init__(self, document: Mapping[str, Json]) -> None:
        try:
            self._registry = jsonschema_rs.Registry(
                [(_DOCUMENT, dict(document))], draft=jsonschema_rs.Draft202012
            )
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise ContractError(f"The schemas cannot be read: {error}") from error
        self._document = document
        self._listed: dict[str, frozenset[str] | None] = {}
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}

    @property
    def inputs(self) -> Mapping[str, Json]:
        """The schemas of the document that count for requests, by name."""
        named: Mapping[str, Json] = self._document.get("inputs", {})
        return named

    def accepts(self, place: str, value: Json) -> bool:
        """Whether the value fits the schema at a place, a pointer as a URI fragment without "#".

        Raises ContractError for a schema that cannot be used.
        """
        return self._validator(place).is_valid(value)

    def complaints(self, place: str, value: Json) -> list[str]:
        """What is wrong with the value, a line each, the first few; empty where it fits."""
        errors = self._validator(place).iter_errors(value)
        return [_line(error) for error in islice(errors, _MAX_COMPLAINTS)]

    def listed(self, place: str) -> frozenset[str] | None:
        """The names of all properties that the schema at a place, or one it leads to, lists.

        None where some object in it may have any others.
        """
        if place not in self._listed:
            start = pointers.value_at(self._document, unquote(place))
            self._listed[place] = exposure.listed(start, self._document)
        return self._listed[place]

    def _validator(self, place: str) -> jsonschema_rs.Draft202012Validator:
        if place not in self._compiled:
            self._compiled[place] = self._compile(place)
        return self._compiled[place]

    def _compile(self, place: str) -> jsonschema_rs.Draft202012Validator:
        try:
            return jsonschema_rs.Draft202012Validator(
                {"$ref": f"{_DOCUMENT}#{place}"},
                registry=self._registry,
                validate_formats=True,
                offline=True,
            )
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            reason = str(error).splitlines()[0]
            raise ContractError(f"The schema at {place} cannot be used: {reason}") from error


def _line(error: jsonschema_rs.ValidationError) -> str:
    message = error.message
    if len(message) > _MAX_COMPLAINT_LENGTH:
        half = _MAX_COMPLAINT_LENGTH // 2
        message = f"{message[:half]} … {message[-half:]}"
    return f"at {pointers.plain(error.instance_path) or 'the top'}: {message}"
