"""API coverage: what all runs of a suite saw, held against its newest API description."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.analytics import coverage
from app.domain.analytics.coverage import Cell, Coverage, Documented
from app.models.coverage_cell import CoverageCell
from app.models.operation import Operation
from app.openapi import model
from app.services import descriptions, paging, suites
from app.services.text import storable


@dataclass(frozen=True, slots=True)
class Share:
    """How many of what is documented were seen."""

    seen: int
    documented: int

    @property
    def rate(self) -> float | None:
        """From 0 to 1; None where nothing is documented."""
        return self.seen / self.documented if self.documented else None


@dataclass(frozen=True, slots=True)
class Summary:
    """How much of an API a suite covers."""

    operations: Share
    statuses: Share
    parameters: Share


def summary(session: Session, suite_id: str) -> Summary:
    """How much of its API description a suite covers; raises NotFoundError."""
    suite = suites.get(session, suite_id)
    described = descriptions.load(session, suite.api_description_id)
    found = _held(session, suite.id, described.operations)
    return Summary(
        Share(sum(each.requests > 0 for each in found), len(found)),
        Share(
            sum(len(each.statuses) for each in found),
            sum(len(each.documented.statuses) for each in found),
        ),
        Share(
            sum(len(each.parameters) for each in found),
            sum(len(each.documented.parameters) for each in found),
        ),
    )


def operations(
    session: Session,
    suite_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Coverage]:
    """What was seen of each documented operation, in the document's order.

    Raises NotFoundError for the suite.
    """
    suite = suites.get(session, suite_id)
    page = descriptions.operations(session, suite.api_description_id, cursor=cursor, limit=limit)
    chosen = _chosen(session, suite.api_description_id, page.items)
    held = {each.documented.operation: each for each in _held(session, suite.id, chosen)}
    return paging.Page([held[each.key] for each in chosen], page.next_cursor)


def _chosen(
    session: Session, description_id: str, rows: Collection[Operation]
) -> Sequence[model.Operation]:
    keys = {row.key for row in rows}
    described = descriptions.load(session, description_id)
    return [each for each in described.operations if each.key in keys]


def _held(
    session: Session, suite_id: str, described: Sequence[model.Operation]
) -> Sequence[Coverage]:
    keys = [storable(each.key) for each in described]
    rows = session.execute(
        select(
            CoverageCell.operation,
            CoverageCell.status,
            CoverageCell.parameter,
            CoverageCell.requests,
        ).where(CoverageCell.suite_id == suite_id, CoverageCell.operation.in_(keys))
    )
    seen: dict[str, dict[Cell, int]] = {}
    for operation, status, parameter, requests in rows:
        seen.setdefault(operation, {})[Cell(operation, status, parameter)] = requests
    return [coverage.hold_against(_documented(each), seen.get(each.key, {})) for each in described]


def _documented(operation: model.Operation) -> Documented:
    names = [_name(each) for each in operation.parameters if _is_seen(each)]
    names += ["body"] * (operation.body is not None)
    statuses = [each.status for each in operation.responses]
    return Documented(operation.key, tuple(statuses), tuple(dict.fromkeys(names)))


def _is_seen(parameter: model.Parameter) -> bool:
    """Whether it would be seen if it were sent: cookies and what every client sends are not."""
    if parameter.location == "header":
        return parameter.name.lower() not in coverage.COMMON
    return parameter.location in {"path", "query"}


def _name(parameter: model.Parameter) -> str:
    """As app.domain.analytics.coverage has it: names of headers are in lower case."""
    is_header = parameter.location == "header"
    return f"{parameter.location} {parameter.name.lower() if is_header else parameter.name}"
