"""Runners that told that they have started."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from app.messages.events import CageLayer, RunnerStarted
from app.models import Runner
from app.services import runners

LAYER = CageLayer("seccomp", "calls", holds=True, note="", advice="")


def test_a_runner_that_starts_again_is_one_runner(sessions: sessionmaker[Session]) -> None:
    for name, cage in [("a", "none"), ("b", "standard"), ("a", "strict")]:
        with sessions.begin() as session:
            runners.hear(session, RunnerStarted(name, cage, (LAYER,)))
    with sessions() as session:
        assert [(each.name, each.cage) for each in runners.list(session)] == [
            ("a", "strict"),
            ("b", "standard"),
        ]


def test_who_started_long_ago_is_forgotten_when_another_starts(
    sessions: sessionmaker[Session],
) -> None:
    with sessions.begin() as session:
        runners.hear(session, RunnerStarted("old", "none", ()))
        long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=31)
        session.execute(update(Runner).values(started_at=long_ago))
        runners.hear(session, RunnerStarted("new", "none", ()))
        assert [each.name for each in runners.list(session)] == ["new"]


def test_what_cannot_be_stored_is_made_storable(sessions: sessionmaker[Session]) -> None:
    layer = CageLayer("a\x00b", "", holds=False, note="", advice="")
    with sessions.begin() as session:
        runners.hear(session, RunnerStarted("x" * 300, "standard", (layer,)))
        (found,) = runners.list(session)
    assert len(found.name) == 255
    assert "\x00" not in found.layers[0]["name"]
