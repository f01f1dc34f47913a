"""Dead letters on their way into the database."""

from __future__ import annotations

from prometheus_client import REGISTRY
from sqlalchemy.orm import Session, sessionmaker

from app.services import dead_letters
from bridge.handlers.dead_letters import DeadLettersHandler
from tests.factories import rows


def test_a_batch_is_kept_and_counted(sessions: sessionmaker[Session]) -> None:
    def counted() -> float:
        labels = {"topic": "test_results"}
        return REGISTRY.get_sample_value("testops_dead_letters_total", labels) or 0.0

    before = counted()
    DeadLettersHandler(sessions).handle([rows.letter(), rows.letter()])
    with sessions() as session:
        assert len(dead_letters.list(session).items) == 2
    assert counted() == before + 2
