import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError
from app.models import DeadLetter
from app.services import dead_letters, outbox
from tests.factories import rows


def kept(session: Session) -> list[DeadLetter]:
    return list(dead_letters.list(session).items)


def test_a_letter_is_kept_byte_for_byte(session: Session) -> None:
    odd = (("a", b"\xff"), ("a\0", b""))
    letter = rows.letter(key=None, body=b"\0\xff", headers=odd, reason="why\0", count=2)
    assert dead_letters.take_in(session, [letter]) == 1
    [found] = kept(session)
    assert (found.topic, found.partition, found.offset) == ("test_results", 0, letter.offset)
    assert (found.key, found.body, found.count) == (None, b"\0\xff", 2)
    assert found.reason == "why\u2400"
    assert dead_letters.headers(found) == [("a", b"\xff"), ("a\u2400", b"")]


def test_a_letter_that_comes_twice_is_kept_once(session: Session) -> None:
    """Two handlers put the same message aside, or one died before it committed."""
    letter = rows.letter()
    assert dead_letters.take_in(session, [letter, replace(letter, reason="other")]) == 1
    assert dead_letters.take_in(session, [letter]) == 0
    assert len(kept(session)) == 1


def test_a_topic_that_was_made_anew_has_other_letters(session: Session) -> None:
    letter = rows.letter()
    later = replace(letter, written_at=letter.written_at + dt.timedelta(seconds=1))
    assert dead_letters.take_in(session, [letter, later]) == 2


def test_a_letter_is_replayed_once(session: Session) -> None:
    dead_letters.take_in(session, [rows.letter()])
    [letter] = kept(session)
    dead_letters.replay(session, letter.id)
    [message] = outbox.take(session, 10)
    assert (message.kind, message.topic, message.message_id) == (
        "replay", "test_results", letter.id,
    )  # fmt: skip
    assert kept(session) == []
    with pytest.raises(ConflictError, match="replayed already"):
        dead_letters.replay(session, letter.id)


def test_a_letter_that_is_dropped_does_not_come_back(session: Session) -> None:
    letter = rows.letter()
    dead_letters.take_in(session, [letter])
    [found] = kept(session)
    dead_letters.drop(session, found.id)
    dead_letters.take_in(session, [letter])
    assert kept(session) == []
    assert outbox.take(session, 1) == []


def test_those_of_one_topic_can_be_asked_for(session: Session) -> None:
    first, other, last = rows.letter(), rows.letter(topic="run_events"), rows.letter()
    died_later = replace(last, died_at=last.died_at + dt.timedelta(seconds=1))
    dead_letters.take_in(session, [died_later, other, first])
    offsets = [
        dead_letters.get(session, found).offset
        for found in dead_letters.waiting(session, "test_results")
    ]
    assert offsets == [first.offset, last.offset]


def test_a_letter_that_is_none_is_not_found(session: Session) -> None:
    with pytest.raises(NotFoundError):
        dead_letters.get(session, rows.NOWHERE)


def test_old_letters_are_forgotten_unless_they_are_on_their_way(session: Session) -> None:
    dead_letters.take_in(session, [rows.letter(offset=10**9), rows.letter(offset=10**9 + 1)])
    one, other = kept(session)
    dead_letters.replay(session, one.id)
    session.execute(update(DeadLetter).values(created_at=func.now() - dt.timedelta(days=31)))
    dead_letters.take_in(session, [rows.letter()])
    dead_letters.get(session, one.id)
    with pytest.raises(NotFoundError):
        dead_letters.get(session, other.id)
