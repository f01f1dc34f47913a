"""Sending what is due: once, again, or never more."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from typing import cast

import pytest
import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from app.domain.channels import Address, Service
from app.errors import InvalidInputError, UnavailableError
from app.listening import Listener
from app.models import Notification
from app.services import notifications
from app.services.deliveries import Message
from app.settings import Settings
from bridge import sending
from bridge.notifiers.notifier import Notifier
from bridge.notifiers.outgoing import LaterError
from bridge.sending import Sender
from tests.factories import rows
from tests.waiting import wait_until


class Post:
    """Keeps what is sent; does first what a place asks for."""

    def __init__(self, places: Mapping[str, Callable[[], None]] | None = None) -> None:
        self.places = dict(places or {})
        self.sent: list[str] = []

    def send(self, address: Address, message: Message) -> None:
        assert message.title
        self.places.get(address.place, lambda: None)()
        self.sent.append(address.place)


def breaking(error: Exception) -> Callable[[], None]:
    def do() -> None:
        raise error

    return do


def sender(sessions: sessionmaker[Session], settings: Settings, post: Notifier) -> Sender:
    return Sender(sessions, {Service.WEBHOOK: post}, settings)


@pytest.fixture
def waiting(sessions: sessionmaker[Session], settings: Settings) -> Callable[..., list[str]]:
    """Has messages wait, one for a channel at each place; their ids."""

    def wait(*places: str) -> list[str]:
        with sessions.begin() as session:
            suite = rows.suite(session, settings, cases=1)
            channels = [rows.channel(session, suite, settings, place=place) for place in places]
            return [notifications.test(session, channel.id).id for channel in channels]

    return wait


def states(sessions: sessionmaker[Session]) -> list[tuple[str, str]]:
    with sessions() as session:
        found = session.scalars(select(Notification).order_by(Notification.title))
        return [(one.status, one.error) for one in found]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (None, ("delivered", "")),
        (InvalidInputError("gone"), ("failed", "gone")),
        (UnavailableError("away"), ("pending", "away")),
        (LaterError("busy"), ("pending", "busy")),
        (ValueError("s3cret"), ("pending", "It broke: ValueError.")),
    ],
)
def test_a_message_arrives_or_waits_or_is_given_up(
    sessions: sessionmaker[Session],
    settings: Settings,
    waiting: Callable[..., list[str]],
    error: Exception | None,
    state: tuple[str, str],
) -> None:
    waiting("https://hooks.test/a")
    places = {"https://hooks.test/a": breaking(error)} if error else {}
    with structlog.testing.capture_logs() as logs:
        assert sender(sessions, settings, Post(places)).send_due()
    assert states(sessions) == [state]
    assert not sender(sessions, settings, Post()).send_due()
    assert "s3cret" not in str(logs)
    assert "hooks.test" not in str(logs)


def test_a_slow_channel_holds_up_no_other_and_nobody_is_told_twice(
    sessions: sessionmaker[Session], settings: Settings, waiting: Callable[..., list[str]]
) -> None:
    go_on, stop = threading.Event(), threading.Event()
    slow = "https://slow.test"
    post = Post({slow: lambda: cast("None", go_on.wait(60))})
    waiting(slow, *(f"https://hooks.test/{number}" for number in range(3)))
    alarm = Listener(sessions.kw["bind"], notifications.CHANNEL)
    thread = threading.Thread(
        target=sending.run, args=(sender(sessions, settings, post), alarm), kwargs={"stop": stop}
    )
    thread.start()
    wait_until(lambda: len(post.sent) == 3, "the others are told")
    waiting("https://hooks.test/late")
    wait_until(lambda: len(post.sent) == 4, "who came later is told")
    go_on.set()
    wait_until(lambda: len(post.sent) == 5, "the slow one is told")
    stop.set()
    thread.join()
    alarm.close()
    assert len(set(post.sent)) == 5
    assert set(states(sessions)) == {("delivered", "")}


class Turns:
    """Stands in for a listener: ends the loop after so many turns."""

    def __init__(self, stop: threading.Event, turns: int) -> None:
        self.stop = stop
        self.left = turns

    def wait(self, _seconds: float) -> None:
        self.left -= 1
        if not self.left:
            self.stop.set()


class Away:
    """A sender whose database breaks as told, once the loop has seen that it is at it."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.tries = 0

    def send_due(self) -> bool:
        self.tries += 1
        raise self.error


def run_turns(away: Away, turns: int) -> None:
    stop = threading.Event()
    alarm = cast("Listener", Turns(stop, turns))
    sending.run(cast("Sender", away), alarm, stop=stop)


def test_a_database_that_is_away_is_waited_for() -> None:
    away = Away(OperationalError("select", {}, Exception("away")))
    run_turns(away, 3)
    assert away.tries >= 1


def test_another_error_ends_the_loop() -> None:
    with pytest.raises(ValueError, match="it broke"):
        run_turns(Away(ValueError("it broke")), 1)


def test_no_more_are_at_it_than_are_allowed(
    sessions: sessionmaker[Session], settings: Settings, waiting: Callable[..., list[str]]
) -> None:
    at_it, go_on, stop = threading.Semaphore(0), threading.Event(), threading.Event()

    def hold() -> None:
        at_it.release()
        go_on.wait(60)

    def turn() -> None:
        number = next(turns)
        if number in {2, 3}:
            assert at_it.acquire(timeout=60)
        if number == 5:
            stop.set()
            go_on.set()

    turns = itertools.count(1)
    post = Post({f"https://slow.test/{number}": hold for number in range(3)})
    waiting(*post.places)
    alarm = cast("Listener", Turns(threading.Event(), 99))
    sending.run(sender(sessions, settings, post), alarm, stop=stop, on_turn=turn, at_once=2)
    assert len(post.sent) == 2
