import json
import select

import psycopg2
from sqlalchemy.orm import Session, sessionmaker

from app import tracing
from app.messages import commands
from app.messages.events import GenerationFinished, read
from app.services import outbox

EVENT = GenerationFinished(generation_id="g", suite_id="s", written=1, failed=0)


def test_a_command_lies_there_as_it_will_be_sent(session: Session) -> None:
    outbox.add_command(session, commands.write_cases("g1"))
    [message] = outbox.take(session, 10)
    assert (message.kind, message.topic, message.key) == ("command", "generation_queue", "g1")
    assert (message.type, message.message_id) == ("generation.write_cases", "generation-g1")
    assert json.loads(message.body) == {"generation_id": "g1"}


def test_an_event_lies_there_as_it_will_be_sent(session: Session) -> None:
    outbox.add_event(session, EVENT, key="g")
    [message] = outbox.take(session, 10)
    assert (message.kind, message.topic, message.key) == ("event", "run_events", "g")
    assert read(message.type, message.body) == EVENT


def test_messages_are_taken_in_the_order_they_were_added(session: Session) -> None:
    for number in range(5):
        outbox.add_command(session, commands.write_cases(str(number)))
    assert [message.key for message in outbox.take(session, 3)] == ["0", "1", "2"]


def test_what_was_removed_is_gone(session: Session) -> None:
    for number in range(3):
        outbox.add_command(session, commands.write_cases(str(number)))
    outbox.remove(session, outbox.take(session, 2))
    assert [message.key for message in outbox.take(session, 10)] == ["2"]
    assert sum(outbox.waiting_by_lane(session).values()) == 1


def test_a_key_has_one_lane_and_a_lane_its_messages_in_order(session: Session) -> None:
    for number in range(40):
        outbox.add_command(session, commands.write_cases(str(number % 20)))
    waiting = outbox.waiting_by_lane(session)
    assert len(waiting) > 1
    assert waiting.keys() <= set(range(outbox.LANES))
    lanes = {lane: outbox.take(session, 100, lane=lane) for lane in waiting}
    assert {lane: len(taken) for lane, taken in lanes.items()} == waiting
    for taken in lanes.values():
        assert [one.id for one in taken] == sorted(one.id for one in taken)
    keys = [{one.key for one in taken} for taken in lanes.values()]
    assert sum(map(len, keys)) == len(set.union(*keys)) == 20


def test_a_message_keeps_the_trace_in_which_it_was_asked_for(session: Session) -> None:
    with tracing.following(""):
        outbox.add_command(session, commands.write_cases("g1"))
        traceparent = tracing.current()
    [message] = outbox.take(session, 1)
    assert message.traceparent == traceparent


def test_what_another_transaction_holds_is_passed_over(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        for number in range(2):
            outbox.add_command(session, commands.write_cases(str(number)))
    with sessions.begin() as one, sessions.begin() as other:
        assert [message.key for message in outbox.take(one, 1)] == ["0"]
        assert [message.key for message in outbox.take(other, 10)] == ["1"]


def test_a_transaction_that_fails_leaves_nothing(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        outbox.add_command(session, commands.write_cases("g1"))
        session.rollback()
    with sessions() as session:
        assert outbox.waiting_by_lane(session) == {}


def test_only_commands_with_the_prefix_are_withdrawn(session: Session) -> None:
    """An underscore in the prefix stands for itself."""
    outbox.add_command(session, commands.write_cases("a_1"))
    outbox.add_command(session, commands.write_cases("ab1"))
    outbox.add_event(session, EVENT, key="g")
    outbox.withdraw(session, "generation-a_")
    assert [message.key for message in outbox.take(session, 10)] == ["ab1", "g"]


def test_what_still_waits_can_be_asked(session: Session) -> None:
    outbox.add_command(session, commands.write_cases("a"))
    assert outbox.waiting(session, {"generation-a", "generation-b"}) == {"generation-a"}


def test_the_relay_is_woken_when_the_transaction_commits(
    sessions: sessionmaker[Session], database_url: str
) -> None:
    listener = psycopg2.connect(database_url)
    listener.autocommit = True
    with listener.cursor() as cursor:
        cursor.execute(f"LISTEN {outbox.CHANNEL}")
    with sessions.begin() as session:
        outbox.add_command(session, commands.write_cases("a"))
        outbox.add_command(session, commands.write_cases("b"))
    select.select([listener], [], [], 5)
    listener.poll()
    assert [notice.channel for notice in listener.notifies] == [outbox.CHANNEL]
    listener.close()
