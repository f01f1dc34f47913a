"""A generation that models took part in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy.orm import Session

from app.ai.providers.provider import Usage
from app.models import Contribution, Generation
from app.services import generations
from app.services.assistance import ledger
from app.services.assistance.ledger import Entry
from app.settings import Settings
from tests.factories import rows


def generation(session: Session, settings: Settings) -> Generation:
    """One question, two operations: the first has checks of a model's, the second none."""
    suite = rows.suite(session, settings, cases=2)
    made = generations.request(session, suite.id, provider="model", prompt="mind the names")
    session.flush()
    price = (Decimal(1), Decimal(2))
    entry = Entry(suite.id, made.id, "gemini", "m", Usage(9, 9), price)
    request_id = ledger.note(session, entry, dt.datetime(2026, 3, 14, tzinfo=dt.UTC))
    ledger.settle(session, request_id, entry, Usage(1000, 200), "answered")
    dropped = [{"name": "test_wrong", "problems": ["It sends no request <b>at all</b>."]}]
    for number, kept in enumerate((["test_one", "test_two"], []), 1):
        session.add(
            Contribution(
                generation_id=made.id,
                operation=f"GET /pets-{number}",
                provider="gemini" if kept else "offline",
                kept=kept,
                repaired=kept[1:],
                dropped=dropped if kept else [],
                reason="" if kept else "gemini is away (500)",
            )
        )
    session.flush()
    return made
