"""Checks of more than one request, before they become source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.ai.requests import Request, Step
from testops.json_values import Json


@dataclass(frozen=True, slots=True)
class Value:
    """A value as an argument; a long one has the name that it has where it is sent."""

    value: Json
    #: The argument of `Api.request` after which it is named.
    argument: str = "json"
    #: Properties that are left out of it, and what is put in.
    left_out: tuple[str, ...] = ()
    put_in: Mapping[str, Json] = field(default_factory=dict)
    #: Properties that get new texts.
    fresh: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A statement: Python of our own, with `{}` for each request or value in it."""

    text: str
    parts: tuple[Request | Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One test function of several requests."""

    #: What its name is made of: "deleted is gone".
    name: str
    #: What it proves, one sentence.
    intent: str
    #: JSON pointer to the place in the description that demands it.
    source: str
    lines: tuple[Line, ...]
    #: What it obtains first.
    steps: tuple[Step, ...] = ()
    #: What was made up, so that a refusal decides nothing.
    needs: str = ""
    #: Why it cannot run as it stands; empty where it can.
    skip: str = ""
