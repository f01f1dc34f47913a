"""Following a run: an event whenever it has changed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import cast

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from app.domain.outcomes import Outcome
from app.models import Run
from app.services import results, runs
from app.settings import Settings
from app.views.ui import streams
from tests.factories import rows
from tests.reader_fixtures import Reader

CHANGED = b"event: changed\ndata:\n\n"


@pytest.fixture
def run(sessions: sessionmaker[Session], settings: Settings, user_id: str) -> Run:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=2)
        runs.start(session, suite.id, settings=settings, user_id=user_id)
        return session.scalars(select(Run)).one()


def followed(reader: Reader, run: Run) -> tuple[TestResponse, Iterator[bytes]]:
    answer = reader.client.get(f"/runs/{run.id}/changes", buffered=False)
    return answer, cast("Iterator[bytes]", answer.response)


def test_a_reader_hears_of_every_change_at_once(
    reader: Reader, sessions: sessionmaker[Session], run: Run
) -> None:
    answer, events = followed(reader, run)
    assert answer.mimetype == "text/event-stream"
    assert next(events) == b"retry: 200\n\n" + CHANGED
    # The first comes when the database is listened to, at the latest.
    assert next(events) == CHANGED
    with sessions.begin() as session:
        case = rows.case_ids(session, run.id)[0]
        results.apply(session, rows.finished_case(run.id, case, Outcome.PASSED))
    assert next(events) == CHANGED
    with sessions.begin() as session:
        runs.cancel(session, run.id)
    assert next(events) == CHANGED
    answer.close()


def test_the_more_readers_there_are_the_less_often_each_is_told(
    reader: Reader, sessions: sessionmaker[Session], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PAUSE_SECONDS", 0.1)
    (answer, events), (another, others) = (followed(reader, run) for _ in range(2))
    assert next(events).endswith(CHANGED)
    assert next(others).endswith(CHANGED)
    assert next(events) == CHANGED
    with sessions.begin() as session:
        runs.cancel(session, run.id)
    began = time.monotonic()
    assert next(events) == CHANGED
    assert time.monotonic() - began >= 0.2
    answer.close()
    another.close()


def test_a_stream_ends_so_that_no_thread_waits_for_a_reader_who_left(
    reader: Reader, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LIFE_SECONDS", 0.3)
    answer, events = followed(reader, run)
    assert set(b"".join(events).split(b"\n\n")) == {b"retry: 200", CHANGED.strip(), b""}
    answer.close()


def test_too_many_streams_are_refused_and_a_place_is_given_back(
    reader: Reader, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = [followed(reader, run)[0] for _ in range(streams.MOST)]
    assert {answer.status_code for answer in opened} == {200}
    refused = reader.get(f"/runs/{run.id}/changes")
    assert refused.status_code == 503
    assert "polled instead" in refused.text
    opened.pop().close()
    opened.append(followed(reader, run)[0])
    assert opened[-1].status_code == 200
    for answer in opened:
        answer.close()


def test_a_run_that_there_is_not_is_not_followed(reader: Reader) -> None:
    assert reader.get("/runs/none/changes").status_code == 404


def test_nobody_follows_without_signing_in(stranger: Reader, run: Run) -> None:
    assert stranger.get(f"/runs/{run.id}/changes").status_code == 302
