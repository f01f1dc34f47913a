import json
import select

import psycopg2
from sqlalchemy.orm import Session, sessionmaker

from app.messages import commands
from app.messages.events import GenerationFinished, unwrap
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
    assert unwrap({"ce_type": message.type.encode()}, message.body) == EVENT


def test_messages_are_taken_in_the_order_they_were_added(session: Session) -> None:
    for number in range(5):
        outbox.add_command(session, commands.write_cases(str(number)))
    assert [message.key for message in outbox.take(session, 3)] == ["0", "1", "2"]


def test_what_was_removed_is_gone(session: Session) -> None:
    for number in range(3):
        outbox.add_command(session, commands.write_cases(str(number)))
    outbox.remove(session, outbox.take(session, 2))
    assert [message.key for message in outbox.take(session, 10)] == ["2"]
    assert outbox.count(session) == 1


def test_two_relays_never_take_the_same_message(sessions: sessionmaker[Session]) -> None:
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
        assert outbox.count(session) == 0


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
