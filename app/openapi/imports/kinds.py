"""Knows what other tools keep, and has it told as an OpenAPI description."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from app.errors import DescriptionError
from app.openapi import decoding, limits, parsing
from app.openapi.imports import curl, document, har, postman
from app.openapi.imports.samples import Kept
from app.openapi.model import Problem
from app.openapi.problems import Problems
from app.openapi.tree import prose

#: What every collection of Postman says somewhere, and how every HAR begins: a look that spares
#: parsing a large description twice.
_POSTMAN = re.compile(rb"postman\.com/(?:json/)?collection")
_HAR = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*\"log\"\s*:")
_CURL = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s++|#[^\n]*+\n|[$%>]\s)*+curl")


@dataclass(frozen=True, slots=True)
class Imported:
    """What was kept by another tool, as an OpenAPI description."""

    #: JSON; without the credentials that were sent.
    data: bytes
    problems: tuple[Problem, ...]


def imported(data: bytes) -> Imported | None:
    """The description that unpacked bytes of another tool come to; None for all other bytes.

    DescriptionError where they are such, and cannot be read or hold no request.
    """
    kept = _kept(data)
    if kept is None:
        return None
    if not kept.samples:
        raise DescriptionError(
            "There is no request in it.", where="#", hint="Give one that asks an API."
        )
    told, remarks = document.told(kept)
    problems = Problems()
    for remark in remarks:
        problems.add(remark.pointer, prose(remark.message))
    return Imported(json.dumps(told, indent=1).encode(), problems.listed())


def _kept(data: bytes) -> Kept | None:
    if len(data) > limits.MAX_BYTES:
        return None
    if _CURL.match(data):
        text = decoding.text_of(data, document="", problems=Problems())
        return _of_command_lines(text) if curl.is_command_line(text) else None
    if not _HAR.match(data) and not _POSTMAN.search(data):
        return None
    tree = parsing.parse(data, document="", problems=Problems())
    if har.is_recording(tree):
        return har.read(tree)
    return postman.read(tree) if postman.is_collection(tree) else None


def _of_command_lines(text: str) -> Kept:
    try:
        return curl.read(text)
    except ValueError as error:
        raise DescriptionError(
            f"The command line cannot be read: {error}.", where="#", hint="Copy all of it."
        ) from error
