"""API coverage: which operations were asked, which documented statuses they gave, with what input.

Seen is what the gateway recorded, whoever's check asked for it; documented is what the newest API
description says. A cell is one operation, one status and one parameter: the requests in which that
parameter was sent and that status came.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

#: What every client sends, or the platform adds: no parameters of an operation.
COMMON: Final = frozenset(
    {
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "keep-alive",
        "te",
        "traceparent",
        "tracestate",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
        "x-testops-target",
    }
)
#: Parameters that are kept of an operation in one run: checks send names that nobody documents.
MAX_PARAMETERS: Final = 100
#: Characters of a parameter's name.
MAX_NAME: Final = 100

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it is looked at here, and the status that came."""

    method: str
    url: str
    #: Names of headers.
    headers: tuple[str, ...]
    has_body: bool
    status: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One operation, one status, one parameter; the parameter is empty for the request as such."""

    operation: str
    status: int
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class _Route:
    key: str
    #: Names of the placeholders in the path.
    names: tuple[str, ...]


@dataclass(slots=True)
class _Node:
    """What may follow a part of a path."""

    route: _Route | None = None
    literals: dict[str, _Node] = field(default_factory=dict)
    #: A segment that is a placeholder, or has one in it.
    templated: _Node | None = None

    def add(self, segments: Sequence[str], route: _Route) -> None:
        """Enter a route by the segments that are left of its path."""
        if not segments:
            self.route = route
        elif _PLACEHOLDER.search(segments[0]):
            self.templated = self.templated or _Node()
            self.templated.add(segments[1:], route)
        else:
            self.literals.setdefault(unquote(segments[0]), _Node()).add(segments[1:], route)

    def find(self, segments: Sequence[str]) -> _Route | None:
        """The route of a path, a concrete one before a templated one (OpenAPI, "Paths Object")."""
        if not segments:
            return self.route
        for node in (self.literals.get(segments[0]), self.templated):
            found = node.find(segments[1:]) if node else None
            if found:
                return found
        return None


class Routes:
    """Finds the operation that a request asked for, among those of a run."""

    def __init__(self, operations: Iterable[str], base_url: str) -> None:
        """`operations` are keys: "GET /pets/{petId}"."""
        self._base = urlsplit(base_url).path.rstrip("/")
        self._known: dict[str, _Node] = {}
        for key in operations:
            method, _, path = key.partition(" ")
            path = path.partition("#")[0]
            route = _Route(key, tuple(_PLACEHOLDER.findall(path)))
            self._known.setdefault(method, _Node()).add(path.strip("/").split("/"), route)

    def cells(self, sent: Sent) -> Iterator[Cell]:
        """What a request covers; nothing where no operation has its method and path."""
        parts = urlsplit(sent.url)
        known = self._known.get(sent.method)
        if known is None or not parts.path.startswith(self._base):
            return
        path = parts.path[len(self._base) :].strip("/").split("/")
        route = known.find([unquote(each) for each in path])
        if route is not None:
            for parameter in ("", *_parameters(route, sent, parts.query)):
                yield Cell(route.key, sent.status, parameter)


def _parameters(route: _Route, sent: Sent, query: str) -> Collection[str]:
    """What a request sent, as "path petId", "query limit", "header x-tenant", "body"."""
    names = [f"path {name}" for name in route.names]
    names += [f"query {name}" for name, _ in parse_qsl(query, keep_blank_values=True)]
    names += [f"header {n.lower()}" for n in sent.headers if n.lower() not in COMMON]
    names += ["body"] * sent.has_body
    return dict.fromkeys(name for name in names if len(name) <= MAX_NAME)


def count(routes: Routes, requests: Iterable[Sent]) -> Counter[Cell]:
    """How many requests of a run fell into each cell."""
    found: Counter[Cell] = Counter()
    for sent in requests:
        found.update(routes.cells(sent))
    return Counter({cell: found[cell] for cell in _bounded(found)})


def _bounded(cells: Iterable[Cell]) -> Iterator[Cell]:
    kept: dict[str, set[str]] = {}
    for cell in sorted(cells, key=lambda each: (each.operation, each.parameter, each.status)):
        parameters = kept.setdefault(cell.operation, set())
        if cell.parameter in parameters or len(parameters) <= MAX_PARAMETERS:
            parameters.add(cell.parameter)
            yield cell


@dataclass(frozen=True, slots=True)
class Documented:
    """What an API description says of an operation."""

    operation: str
    #: "200", "4XX", "default"
    statuses: tuple[str, ...]
    #: As `Cell.parameter`.
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was seen of one operation, in the documented terms."""

    documented: Documented
    #: Requests in all.
    requests: int
    #: (parameter, documented status) → requests; the parameter is empty for any request, the
    #: status where it is not documented.
    cells: Mapping[tuple[str, str], int]
    #: Statuses that came and are not documented, with how many requests.
    undocumented: Mapping[int, int]

    @property
    def statuses(self) -> Sequence[str]:
        """The documented statuses that came."""
        return [each for each in self.documented.statuses if self.cells.get(("", each))]

    @property
    def parameters(self) -> Sequence[str]:
        """The documented parameters that were sent."""
        sent = {parameter for parameter, _ in self.cells}
        return [each for each in self.documented.parameters if each in sent]


def hold_against(documented: Documented, seen: Mapping[Cell, int]) -> Coverage:
    """What was seen of an operation, held against what is documented of it.

    A status counts for itself, else for its range, else for the default (OpenAPI, "Responses
    Object").
    """
    cells: Counter[tuple[str, str]] = Counter()
    undocumented: Counter[int] = Counter()
    requests = 0
    for cell, amount in seen.items():
        status = _documented_as(cell.status, documented.statuses)
        # A parameter that was only sent where an undocumented status came was sent all the same.
        cells[_parameter(cell.parameter, documented.parameters), status] += amount
        if not cell.parameter:
            requests += amount
            if not status:
                undocumented[cell.status] += amount
    return Coverage(documented, requests, cells, undocumented)


def _parameter(name: str, known: Collection[str]) -> str:
    """A sent name as it is documented: "filter[a]" is a part of the object "filter"."""
    whole = name.partition("[")[0]
    return whole if name not in known and whole in known else name


def _documented_as(status: int, statuses: Collection[str]) -> str:
    names = (str(status), f"{status // 100}XX", "default")
    return next((name for name in names if name in statuses), "")
