"""The deliberate faults: each breaks one promise of the description and can be switched alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response

from demo.library import Library

#: Serves the request as if the fault were not there; raises ProblemError as the operation does.
Serve = Callable[[], Response]


@dataclass(frozen=True, slots=True)
class Fault:
    """A deliberate break of one promise."""

    name: str
    #: The operation it breaks: "GET /books/{bookId}".
    operation: str
    #: What kind of promise: status, schema, header, crash, validation, state, access, exposure.
    kind: str
    #: What the demo does, and what it promised.
    summary: str
    #: Whether the checks of this version's offline writer find it.
    found: bool
    alter: Callable[[Serve, Library], Response]


Alter = Callable[[Serve, Library], Response]


def fault(
    name: str, operation: str, *, kind: str, summary: str, found: bool
) -> Callable[[Alter], Fault]:
    """Make a fault of the function that serves a request wrongly."""

    def made(alter: Alter) -> Fault:
        return Fault(name, operation, kind, summary, found, alter)

    return made
