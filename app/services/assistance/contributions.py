"""What models added, as people and programs read it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.domain import budget
from app.models.contribution import Contribution
from app.services import generations, paging
from app.services.assistance import ledger


@dataclass(frozen=True, slots=True)
class Summary:
    """A generation's models in figures."""

    requests: int
    input_tokens: int
    output_tokens: int
    cost_micros: int
    #: Checks that were added.
    kept: int
    #: Those of them that were put right first.
    repaired: int
    dropped: int

    @property
    def dollars(self) -> float:
        """What it cost."""
        return self.cost_micros / budget.MICROS

    @property
    def cost(self) -> str:
        """The same for people."""
        return budget.dollars(self.cost_micros)


def summary(session: Session, generation_id: str) -> Summary:
    """What models took for a generation, and what came of it."""
    took = ledger.totals(session, generation_id)
    columns = (Contribution.kept, Contribution.repaired, Contribution.dropped)
    counts = select(*(_count(column) for column in columns))
    row = session.execute(counts.where(Contribution.generation_id == generation_id)).one()
    return Summary(
        took.requests, took.input_tokens, took.output_tokens, took.cost_micros, *map(int, row)
    )


def _count(column: object) -> ColumnElement[int]:
    return func.coalesce(func.sum(func.jsonb_array_length(column)), 0)


def list(  # noqa: A001 - read as contributions.list
    session: Session,
    generation_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Contribution]:
    """What was added to each operation of a generation, by operation; raises NotFoundError."""
    generation = generations.get(session, generation_id)
    statement = select(Contribution).where(Contribution.generation_id == generation.id)
    order = paging.Order((Contribution.operation,))
    return paging.page(session, statement, order, cursor=cursor, limit=limit)
