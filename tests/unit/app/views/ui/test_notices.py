"""The bell and its list, for the suites that one follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import cast

import pytest
from sqlalchemy import func, update
from sqlalchemy.orm import Session, sessionmaker

from app.domain.news import Kind
from app.models import News
from app.services import followers, news
from app.services.news import Told
from app.settings import Settings
from app.views.ui import streams
from tests.factories import rows
from tests.reader_fixtures import Reader, words


@pytest.fixture
def suite_id(sessions: sessionmaker[Session], settings: Settings, user_id: str) -> str:
    """Of a suite that the reader follows."""
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        followers.follow(session, suite.id, user_id)
        return suite.id


def happened(sessions: sessionmaker[Session], suite_id: str, key: str = "a") -> None:
    with sessions.begin() as session:
        news.keep(session, Told(key, suite_id, [Kind.ALERT], f"<{key}>", f"text {key}"))


def test_without_news_the_bell_is_silent(reader: Reader) -> None:
    assert "Nothing yet" in words(reader.get("/notifications/"))
    assert words(reader.get("/notifications/bell", htmx=True)) == ""


def test_the_bell_counts_what_was_not_seen_yet(
    reader: Reader, sessions: sessionmaker[Session], suite_id: str
) -> None:
    happened(sessions, suite_id)
    bell = reader.get("/notifications/bell", htmx=True)
    assert words(bell) == "1"
    assert 'data-text="text a"' in bell.text
    page = words(reader.get("/notifications/"))
    assert "<a> new" in page
    assert "text a" in page
    with sessions.begin() as session:
        session.execute(update(News).values(created_at=func.now() - dt.timedelta(hours=1)))
    assert words(reader.get("/notifications/bell", htmx=True)) == ""
    happened(sessions, suite_id, "b")
    assert words(reader.get("/notifications/bell", htmx=True)) == "1"
    assert "<b> new" in words(reader.get("/notifications/"))


def test_news_of_what_one_does_not_follow_is_not_told(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        other = rows.suite(session, settings, cases=1).id
    happened(sessions, other)
    assert words(reader.get("/notifications/bell", htmx=True)) == ""
    assert "Nothing yet" in words(reader.get("/notifications/"))


def test_a_long_list_goes_on(
    reader: Reader, sessions: sessionmaker[Session], suite_id: str
) -> None:
    for number in range(21):
        happened(sessions, suite_id, str(number))
    page = reader.get("/notifications/")
    assert "Older ones" in words(page)
    path = page.text.partition('class="btn" href="')[2].partition('"')[0]
    assert "<0>" in words(reader.get(path.replace("&amp;", "&")))


def rung(events: Iterator[bytes]) -> bool:
    """Whether the bell rings before the stream ends; between, it only beats."""
    return any(b"changed" in event for event in events)


def test_the_bell_rings_when_there_is_news_and_when_it_was_seen_elsewhere(
    reader: Reader, sessions: sessionmaker[Session], suite_id: str, user_id: str
) -> None:
    answer = reader.client.get("/notifications/changes", buffered=False)
    events = cast("Iterator[bytes]", answer.response)
    assert rung(events)
    # The next comes when the database is listened to, at the latest.
    assert rung(events)
    happened(sessions, suite_id)
    assert rung(events)
    with sessions.begin() as session:
        news.mark_seen(session, user_id)
    assert rung(events)
    answer.close()


def test_a_bell_beats_so_that_a_browser_that_left_is_noticed(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(streams, "LIFE_SECONDS", 2.0)
    answer = reader.client.get("/notifications/changes")
    assert answer.text.startswith("retry: 200\n\n")
    assert "\n\n:\n\n" in answer.text


def test_bells_leave_places_for_runs_and_come_again(reader: Reader) -> None:
    opened = [
        reader.client.get("/notifications/changes", buffered=False)
        for _ in range(streams.MOST_BELLS)
    ]
    later = reader.get("/notifications/changes")
    assert (later.status_code, later.mimetype) == (200, "text/event-stream")
    assert later.text == "retry: 20000\n\n"
    opened.pop().close()
    opened.append(reader.client.get("/notifications/changes", buffered=False))
    assert next(cast("Iterator[bytes]", opened[-1].response)).startswith(b"retry: 200\n")
    for answer in opened:
        answer.close()


def test_where_runs_have_taken_every_place_a_bell_comes_again(reader: Reader) -> None:
    """And its own place is free again."""
    board = reader.client.application.extensions["testops-board"]
    taken = [board.reserve() for _ in range(streams.MOST)]
    for _ in range(streams.MOST_BELLS + 1):
        assert reader.get("/notifications/changes").text == "retry: 20000\n\n"
    for _ in taken:
        board.release()
    answer = reader.client.get("/notifications/changes", buffered=False)
    assert next(cast("Iterator[bytes]", answer.response)).startswith(b"retry: 200\n")
    answer.close()
