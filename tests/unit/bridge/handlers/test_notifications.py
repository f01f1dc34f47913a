"""Events on their way to people: each becomes news once, and a message where a channel asks."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.news import Kind
from app.domain.outcomes import Outcome
from app.messages.events import GenerationFinished, Noticed, RunFinished, ShardReturned
from app.models import News, Notification
from app.services import generations
from app.settings import Settings
from bridge.handlers.notifications import NotificationsHandler
from tests.factories import rows
from tests.unit.bridge.handlers.received import batch


def test_each_event_is_told_once(sessions: sessionmaker[Session], settings: Settings) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        rows.channel(session, suite, settings, Kind.FAILURE, Kind.ANOMALY)
        run = rows.finished_run(session, suite, settings, Outcome.FAILED)
        generation = generations.request(session, suite.id)
        session.flush()
        generations.finish(session, generation)
    events = batch(
        RunFinished(run.id, suite.id, "finished", 0, 1, 0, 0),
        GenerationFinished(generation.id, suite.id, written=1, failed=0),
        Noticed("slow:1", suite.id, Kind.ANOMALY, "twice as slow", "4 s, usually 2 s", run.id),
        ShardReturned(run.id, 0, 1),
    )
    handler = NotificationsHandler(sessions, settings)
    for _ in range(2):
        handler.handle(events)
    with sessions() as session:
        told = session.scalars(select(News).order_by(News.created_at)).all()
        messages = session.scalars(select(Notification).order_by(Notification.created_at)).all()
    assert [one.kind for one in told] == ["new_failure", "generation", "anomaly"]
    assert [one.run_id for one in told] == [run.id, None, run.id]
    assert [one.title for one in messages] == [told[0].title, told[2].title]
    assert messages[1].title == f"{suite.name}: twice as slow"


def test_of_what_is_not_there_nothing_is_told(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    nowhere = rows.NOWHERE
    NotificationsHandler(sessions, settings).handle(
        batch(
            RunFinished(nowhere, nowhere, "finished", 1, 0, 0, 0),
            Noticed("k", nowhere, Kind.ALERT, "a", "b"),
        )
    )
    with sessions() as session:
        assert session.scalars(select(News)).all() == []
