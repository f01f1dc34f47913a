"""The relay on a real outbox, with brokers made by hand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from app import tracing
from app.errors import InvalidInputError, UnavailableError
from app.messages import commands, events, topics
from app.messages.commands import Command
from app.messages.events import Envelope
from app.models.outbox_message import OutboxMessage
from app.services import dead_letters, outbox
from bridge import relay
from bridge.relay import Relay
from tests.factories import rows
from tests.waiting import wait_until

FINISHED = events.GenerationFinished("g", "s", written=1, failed=0)


class Broker:
    """Takes commands and events; `away` makes it refuse them."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.unconfirmed: list[tuple[str, Envelope]] = []
        self.events: list[tuple[str, Envelope]] = []
        self.others: list[tuple[str, bytes | None, bytes | None, list[tuple[str, bytes]]]] = []
        self.away: Exception | None = None
        #: Ids of what it never takes.
        self.refuses: set[str] = set()

    def look_at(self, identifier: str) -> None:
        if identifier in self.refuses:
            raise InvalidInputError("It is too large.", where="topic")

    def flush(self) -> None:
        if self.away:
            raise self.away
        self.events += self.unconfirmed
        self.unconfirmed = []


class Commands:
    def __init__(self, broker: Broker) -> None:
        self.broker = broker

    def publish(self, commands: Sequence[Command]) -> None:
        if self.broker.away:
            raise self.broker.away
        for command in commands:
            self.broker.look_at(command.task_id)
        self.broker.commands += commands


class Events:
    def __init__(self, broker: Broker) -> None:
        self.broker = broker

    def publish(self, topic: str, envelope: Envelope) -> None:
        self.broker.look_at(envelope.id)
        self.broker.unconfirmed.append((topic, envelope))

    def produce(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> None:
        self.broker.look_at(topic)
        self.broker.others.append((topic, key, value, list(headers)))

    def flush(self) -> None:
        self.broker.flush()


class Alarm:
    """Does something of the test's choice when it is waited for."""

    def __init__(self, then: Callable[[], object]) -> None:
        self.then = then
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.then()


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def moving(sessions: sessionmaker[Session], broker: Broker) -> Relay:
    return Relay(sessions, Commands(broker), Events(broker))


def ask(sessions: sessionmaker[Session], *names: str) -> None:
    with sessions.begin() as session:
        for name in names:
            outbox.add_command(session, commands.write_cases(name))


def waiting(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(OutboxMessage.message_id).order_by(OutboxMessage.id)))


def test_a_command_is_sent_as_it_was_asked_for_and_removed(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    ask(sessions, "g1")
    assert moving.turn() == 1
    assert broker.commands == [commands.write_cases("g1")]
    assert waiting(sessions) == []


def test_an_event_is_sent_in_its_envelope(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    with sessions.begin() as session:
        outbox.add_event(session, FINISHED, key="g")
    moving.turn()
    [(topic, envelope)] = broker.events
    assert topic == topics.RUN_EVENTS.name
    assert events.read(envelope.type, envelope.body) == FINISHED
    assert json.loads(envelope.body)["generation_id"] == "g"
    assert waiting(sessions) == []


def test_messages_of_a_key_keep_the_order_in_which_they_were_asked_for(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    for number in range(5):
        with sessions.begin() as session:
            for key in ("a", "b"):
                event = events.GenerationFinished("g", key, written=number, failed=0)
                outbox.add_event(session, event, key=key)
    moving.turn()
    for key in ("a", "b"):
        bodies = [json.loads(one.body) for _, one in broker.events if one.key == key]
        assert [body["written"] for body in bodies] == [0, 1, 2, 3, 4]


def test_a_message_goes_on_with_its_trace(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    with sessions.begin() as session, tracing.following(""):
        outbox.add_command(session, commands.write_cases("g1"))
        outbox.add_event(session, FINISHED, key="g")
        traceparent = tracing.current()
    moving.turn()
    [command], [(_, envelope)] = broker.commands, broker.events
    assert command.traceparent == envelope.traceparent == traceparent


def test_a_dead_letter_is_published_again_as_it_was(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    letter = rows.letter(key=None, body=b"\xff\0", headers=(("a", b"\0"), ("a", b"2")))
    with sessions.begin() as session:
        dead_letters.take_in(session, [letter])
        [found] = dead_letters.list(session).items
        dead_letters.replay(session, found.id)
    assert moving.turn() == 1
    assert broker.others == [(letter.topic, None, b"\xff\0", [("a", b"\0"), ("a", b"2")])]
    assert waiting(sessions) == []


def test_what_is_refused_for_good_holds_nothing_up_and_can_be_sent_once_more(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    ask(sessions, "g1", "g2", "g3")
    with sessions.begin() as session:
        outbox.add_event(session, FINISHED, key="g")
        outbox.add_event(session, replace(FINISHED, written=2), key="g")
    asked = waiting(sessions)
    broker.refuses = {asked[1], asked[3]}
    assert moving.turn() == 5
    assert waiting(sessions) == []
    assert sorted(it.task_id for it in broker.commands) == sorted({asked[0], asked[2]})
    assert [it.id for _, it in broker.events] == [asked[4]]

    with sessions.begin() as session:
        letters = dead_letters.list(session).items
        assert [letter.reason for letter in letters] == ["It is too large. (at topic)"] * 2
        assert {letter.partition for letter in letters} == {dead_letters.NOWHERE}
        for letter in letters:
            dead_letters.replay(session, letter.id)
    broker.refuses = set()
    assert moving.turn() == 2
    [again] = [it for it in broker.commands if it.task_id == asked[1]]
    assert again == replace(commands.write_cases("g2"), task_id=asked[1])
    asked_type = events.wrap(FINISHED, event_id="", key="").type
    [(topic, event)] = [it for it in broker.events if it[1].id == asked[3]]
    assert (topic, event.key, event.type) == (topics.RUN_EVENTS.name, "g", asked_type)
    assert events.read(event.type, event.body) == FINISHED


def test_a_refused_replay_waits_among_the_dead_letters_again(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    letter = rows.letter(body=b"x")
    with sessions.begin() as session:
        dead_letters.take_in(session, [letter])
        [found] = dead_letters.list(session).items
        dead_letters.replay(session, found.id)
    broker.refuses = {letter.topic}
    assert moving.turn() == 1
    with sessions() as session:
        [again] = dead_letters.list(session).items
    assert again.id == found.id
    assert again.reason == "It could not be replayed: It is too large. (at topic)"


def test_an_unconfirmed_batch_stays_in_the_outbox(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    ask(sessions, "g1")
    with sessions.begin() as session:
        outbox.add_event(session, FINISHED, key="g")
    broker.away = UnavailableError("Kafka is away.")
    with pytest.raises(UnavailableError):
        moving.turn()
    assert len(waiting(sessions)) == 2
    broker.away = None
    assert moving.turn() == 2


def test_an_empty_outbox_asks_nothing_of_the_broker(moving: Relay, broker: Broker) -> None:
    broker.away = UnavailableError("Kafka is away.")
    assert moving.turn() == 0


def test_a_second_relay_takes_what_the_first_is_not_at(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    """The lanes of the first one it leaves alone, and what was asked for in them since too."""
    names = [f"g{number}" for number in range(20)]
    ask(sessions, *names)
    with sessions.begin() as session:
        lane, held = next(iter(outbox.waiting_by_lane(session).items()))
    with sessions.begin() as first:
        lock = text("SELECT pg_advisory_xact_lock(:lock, :lane)")
        first.execute(lock, {"lock": relay.LOCK, "lane": lane})
        ask(sessions, *names)
        assert moving.turn() == 2 * (len(names) - held)
        assert moving.turn() == 0
    assert moving.turn() == 2 * held
    assert len(broker.commands) == 2 * len(names)


def test_two_relays_at_once_neither_double_nor_overtake(
    sessions: sessionmaker[Session], broker: Broker
) -> None:
    """A thread each, while messages of ten keys come in; one relay's broker is away at times."""
    total, stop, other = 400, threading.Event(), Broker()
    faulty = Relay(sessions, Commands(other), Events(other))

    def disturb() -> None:
        other.away = None if other.away else UnavailableError("Kafka is away.")
        other.unconfirmed = []

    both = [
        (Relay(sessions, Commands(broker), Events(broker)), lambda: None),
        (faulty, disturb),
    ]
    pace = Alarm(lambda: None)
    with ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(relay.run, one, pace, stop=stop, on_poll=poll) for one, poll in both]
        for number in range(total):
            event = events.GenerationFinished("g", "s", written=number, failed=0)
            with sessions.begin() as session:
                outbox.add_event(session, event, key=f"key-{number % 10}")
        wait_until(lambda: not waiting(sessions), "the outbox is empty")
        stop.set()
    assert [end.exception() for end in ends] == [None, None]
    sent = [envelope for one in (broker, other) for _, envelope in one.events]
    assert sorted(json.loads(it.body)["written"] for it in sent) == list(range(total))
    for one in (broker, other):
        for key in {it.key for _, it in one.events}:
            order = [json.loads(it.body)["written"] for _, it in one.events if it.key == key]
            assert order == sorted(order)


def test_the_loop_waits_for_the_alarm_when_there_is_nothing_left(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    stop = threading.Event()
    beats: list[bool] = []
    ask(sessions, "g1")
    alarm = Alarm(stop.set)
    relay.run(moving, alarm, stop=stop, on_poll=lambda: beats.append(True))
    assert len(broker.commands) == 1
    assert alarm.waits == [relay.POLL_SECONDS]
    assert beats == [True, True]


def test_a_full_batch_is_followed_by_the_next_at_once(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    with sessions.begin() as session:
        for number in range(relay.BATCH + 1):
            outbox.add_event(session, replace(FINISHED, written=number), key="g")
    stop = threading.Event()
    alarm = Alarm(stop.set)
    relay.run(moving, alarm, stop=stop, on_poll=lambda: None)
    assert len(broker.events) == relay.BATCH + 1
    assert len(alarm.waits) == 1


def test_the_loop_goes_on_when_the_broker_is_back(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    ask(sessions, "g1")
    broker.away = UnavailableError("Kafka is away.")
    stop = threading.Event()
    turns: list[bool] = []

    def poll() -> None:
        turns.append(True)
        if len(turns) == 2:
            broker.away = None

    relay.run(moving, Alarm(stop.set), stop=stop, on_poll=poll)
    assert len(broker.commands) == 1


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (UnavailableError("away"), True),
        (InvalidInputError("wrong"), False),
        (OperationalError("", None, Exception()), True),
        (ProgrammingError("", None, Exception()), False),
    ],
)
def test_only_what_passes_is_waited_for(error: Exception, passes: bool) -> None:  # noqa: FBT001 - a parameter
    assert relay.is_transient(error) is passes


def test_a_lasting_error_ends_the_loop(
    sessions: sessionmaker[Session], moving: Relay, broker: Broker
) -> None:
    ask(sessions, "g1")
    broker.away = ProgrammingError("", None, Exception())
    with pytest.raises(ProgrammingError):
        relay.run(moving, Alarm(lambda: None), stop=threading.Event(), on_poll=lambda: None)
