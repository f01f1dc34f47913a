"""Dead letters in the browser."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.services import dead_letters, outbox
from app.views.ui.dead_letters import SHOWN
from tests.factories import rows
from tests.reader_fixtures import Reader, words
from tests.unit.app.views.ui.test_system import promote


@pytest.fixture
def admin(reader: Reader, user_id: str, sessions: sessionmaker[Session]) -> Reader:
    promote(sessions, user_id, is_admin=True)
    return reader


@pytest.fixture
def letter_id(sessions: sessionmaker[Session]) -> str:
    letter = rows.letter(
        reason="<No> type.\nMore.", headers=(("ce_type", b"\xff"),), body=b"x" * SHOWN + b"123"
    )
    with sessions.begin() as session:
        dead_letters.take_in(session, [letter])
        return dead_letters.list(session).items[0].id


def test_only_administrators_see_and_settle_them(reader: Reader, letter_id: str) -> None:
    path = f"/system/dead-letters/{letter_id}"
    assert {reader.get(it).status_code for it in ("/system/dead-letters/", path)} == {403}
    assert {reader.post(f"{path}/{how}").status_code for how in ("replay", "drop")} == {403}


def test_a_stranger_is_asked_to_sign_in(stranger: Reader, letter_id: str) -> None:
    assert stranger.get(f"/system/dead-letters/{letter_id}").status_code == 302


def test_those_that_wait_are_listed(admin: Reader, letter_id: str) -> None:
    assert "/system/dead-letters/" in admin.get("/system/").text
    told = admin.get("/system/dead-letters/")
    assert letter_id in told.text
    assert "test_results/0/" in words(told)
    assert "<No> type." in words(told)


def test_a_long_list_has_pages(
    admin: Reader, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    with sessions.begin() as session:
        dead_letters.take_in(session, [rows.letter() for _ in range(51)])
    first = admin.get("/system/dead-letters/")
    assert "Older ones" in words(first)
    with sessions() as session:
        cursor = dead_letters.list(session).next_cursor
    rest = words(admin.get(f"/system/dead-letters/?cursor={cursor}"))
    assert "Older ones" not in rest
    assert rest.count("test_results/0/") == 1


def test_one_is_shown_with_what_it_holds(admin: Reader, letter_id: str) -> None:
    told = words(admin.get(f"/system/dead-letters/{letter_id}"))
    assert "ce_type \\xff" in told
    assert "key run-1" in told
    assert "3 more bytes" in told


def test_one_is_replayed(admin: Reader, letter_id: str, sessions: sessionmaker[Session]) -> None:
    path = f"/system/dead-letters/{letter_id}"
    assert admin.post(f"{path}/replay").status_code == 302
    with sessions() as session:
        assert [one.message_id for one in outbox.take(session, 10)] == [letter_id]
    assert "It is replayed" in words(admin.get(path))
    assert admin.post(f"{path}/replay").status_code == 409


def test_one_is_dropped(admin: Reader, letter_id: str) -> None:
    assert admin.post(f"/system/dead-letters/{letter_id}/drop").status_code == 302
    assert "No dead letters" in words(admin.get("/system/dead-letters/"))
