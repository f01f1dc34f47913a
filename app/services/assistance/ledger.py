"""The ledger: what each request to a model took, noted before it is sent.

A request whose end nobody has noted, since its process died, counts with the most it may have
taken. The budget is that of a suite, the nearest that there is to a project.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from app.ai.providers.provider import Usage
from app.domain import budget
from app.domain.budget import Spent
from app.models.base import new_id
from app.models.model_request import ModelRequest

#: Any constant: the first half of the advisory locks by which questions of a suite take turns.
_TURNS = 0x7E57
_TURN_SECONDS = 0.2

ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that is about to be sent."""

    suite_id: str
    generation_id: str
    provider: str
    model: str
    #: The most it may take.
    most: Usage
    #: Dollars for a million tokens of each kind.
    price: tuple[Decimal, Decimal]

    def cost(self, usage: Usage) -> int:
        """What it costs, in millionths of a dollar."""
        return budget.cost_micros(usage.input_tokens, usage.output_tokens, self.price)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a generation took."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0


@contextmanager
def turn(
    sessions: sessionmaker[Session], suite_id: str, wait: Callable[[float], None]
) -> Iterator[None]:
    """Ask for a suite while nobody else does; `wait` is called between looks.

    Only who has the turn keeps a connection for it: else those who wait could take the last one,
    which the one they wait for needs to go on.
    """
    lock = select(func.pg_try_advisory_xact_lock(_TURNS, func.hashtext(suite_id)))
    while True:
        with sessions.begin() as session:
            if session.scalar(lock):
                yield
                return
        wait(_TURN_SECONDS)


def spent(session: Session, suite_id: str, now: dt.datetime) -> Spent:
    """What a suite has taken in this month (UTC), and how often it asked in the last minute."""
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ours = ModelRequest.suite_id == suite_id
    tokens = func.sum(ModelRequest.input_tokens + ModelRequest.output_tokens)
    this_month = select(func.coalesce(tokens, 0), func.coalesce(_cost(), 0))
    used, micros = session.execute(this_month.where(ours, ModelRequest.asked_at >= month)).one()
    lately = ModelRequest.asked_at > now - dt.timedelta(minutes=1)
    count, oldest = session.execute(
        select(func.count(), func.min(ModelRequest.asked_at)).where(ours, lately)
    ).one()
    age = (now - oldest).total_seconds() if count else 0.0
    return Spent(int(used), int(micros), count, age)


def note(session: Session, entry: Entry, now: dt.datetime) -> str:
    """Note a request before it is sent, with the most it may take; gives its id."""
    row = ModelRequest(
        id=new_id(),
        suite_id=entry.suite_id,
        generation_id=entry.generation_id,
        provider=entry.provider,
        model=entry.model[:200],
        asked_at=now,
        input_tokens=entry.most.input_tokens,
        output_tokens=entry.most.output_tokens,
        cost_micros=entry.cost(entry.most),
        outcome=ASKED,
    )
    session.add(row)
    session.flush()
    return row.id


def settle(session: Session, request_id: str, entry: Entry, usage: Usage, outcome: str) -> None:
    """Note what a request took."""
    session.execute(
        update(ModelRequest)
        .where(ModelRequest.id == request_id)
        .values(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_micros=entry.cost(usage),
            outcome=outcome,
        )
    )


def totals(session: Session, generation_id: str) -> Totals:
    """What a generation took so far."""
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(ModelRequest.input_tokens), 0),
            func.coalesce(func.sum(ModelRequest.output_tokens), 0),
            func.coalesce(_cost(), 0),
        ).where(ModelRequest.generation_id == generation_id)
    ).one()
    return Totals(*(int(each) for each in row))


def _cost() -> ColumnElement[Any]:
    return func.sum(ModelRequest.cost_micros)
