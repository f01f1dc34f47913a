"""Broadcast exchanges as kombu uses them, on the embedded broker."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from kombu import Connection, Exchange, Queue
from kombu import Consumer as KombuConsumer
from kombu.common import Broadcast
from kombu.exceptions import DecodeError
from kombu.pidbox import Mailbox

import bridge.transport
from bridge.transport import lossy
from bridge.transport.address import Address
from bridge.transport.errors import ConsumerLostError, PublishError, UnsupportedError
from bridge.transport.options import read


class Party:
    """A connection that tells and hears."""

    def __init__(self, address: str, name: str, **options: Any) -> None:  # noqa: ANN401 - any option
        bridge.transport.register()
        given = {"topic_creation": "auto", "group_id": name, "session_timeout": 1.5, **options}
        self.connection = Connection(f"kafka://{address}", transport_options=given)
        self.address = address
        self.taken: list[Any] = []

    def consumer(self, queue: Queue, **options: Any) -> KombuConsumer:  # noqa: ANN401 - kombu's
        return self.connection.Consumer([queue], on_message=self.taken.append, **options)

    def tell(self, exchange: Exchange, *bodies: object, routing_key: str = "") -> None:
        with self.connection.Producer() as producer:
            for body in bodies:
                producer.publish(
                    body, exchange=exchange, routing_key=routing_key, declare=[exchange]
                )

    def drain_until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline, self.taken
            try:
                self.connection.drain_events(timeout=0.05)
            except TimeoutError:
                continue

    def hears(self, *bodies: object) -> None:
        """Fails unless these, and no others, are heard."""
        self.drain_until(lambda: len(self.taken) >= len(bodies))
        assert [message.decode() for message in self.taken] == list(bodies)


@pytest.fixture
def parties(embedded_broker: str, fresh: str) -> Iterator[Callable[..., Party]]:
    """As many connections as a test wants."""
    made: list[Party] = []

    def party(**options: Any) -> Party:  # noqa: ANN401 - any option
        made.append(Party(embedded_broker, fresh, **options))
        return made[-1]

    yield party
    for each in made:
        each.connection.close()


@pytest.fixture
def news(fresh: str) -> Exchange:
    """A fanout exchange that no other test uses."""
    return Exchange(fresh, type="fanout")


def queue(exchange: Exchange, name: str, **options: Any) -> Queue:  # noqa: ANN401 - kombu's
    return Queue(name, exchange, **options)


def test_every_queue_hears_all_that_comes_after_it_was_bound(
    parties: Callable[..., Party], news: Exchange
) -> None:
    first, second = parties(), parties()
    with first.consumer(queue(news, "one")):
        second.tell(news, "before")
        first.hears("before")
        with second.consumer(queue(news, "two")):
            first.tell(news, "after")
            second.hears("after")
            first.hears("before", "after")


def test_a_message_between_binding_and_consuming_is_heard(
    parties: Callable[..., Party], news: Exchange
) -> None:
    """So it is with replies: they may come before their queue is consumed."""
    party = parties()
    bound = queue(news, "one")(party.connection.default_channel)
    bound.declare()
    party.tell(news, "early")
    with party.consumer(bound):
        party.hears("early")


def test_replies_reach_only_who_asked(parties: Callable[..., Party], fresh: str) -> None:
    replies = Exchange(f"reply.{fresh}.pidbox", type="direct", durable=False)
    first, second = parties(), parties()
    with (
        first.consumer(queue(replies, "a", routing_key="a", auto_delete=True)),
        second.consumer(queue(replies, "b", routing_key="b", auto_delete=True)),
    ):
        parties().tell(replies, "for b", routing_key="b")
        parties().tell(replies, "for a", routing_key="a")
        first.hears("for a")
        second.hears("for b")


def test_a_mailbox_is_asked_and_answers(parties: Callable[..., Party], fresh: str) -> None:
    """With so many destinations as answers, no time is lost when all are there."""
    server, client = parties(), parties()
    mailbox = Mailbox(fresh, type="fanout")
    node = mailbox(server.connection).Node("node", channel=server.connection.default_channel)
    node.handlers["add"] = lambda _state, a, b: a + b
    with node.listen():
        client_box = mailbox(client.connection)
        channel = client.connection.default_channel
        client_box._publish("add", {"a": 1, "b": 2}, reply_ticket="t", channel=channel)
        server.connection.drain_events(timeout=15)
        began = time.monotonic()
        [answer] = client_box._collect("t", limit=1, timeout=5, channel=channel)
        assert answer == {"node": 3}
        assert time.monotonic() - began < 4
        assert not client.connection.transport.listening.has(client_box.reply_queue.name)


def test_events_are_sent_without_waiting_and_filtered(
    parties: Callable[..., Party], fresh: str
) -> None:
    events = Exchange(fresh, type="topic")
    party = parties(log_exchanges=[fresh])
    with party.consumer(queue(events, "e", routing_key="task.#", auto_delete=True)):
        party.tell(events, "worker", routing_key="worker.online")
        party.tell(events, "task", routing_key="task.sent")
        party.hears("task")


def test_commands_go_in_a_batch_like_others(parties: Callable[..., Party], news: Exchange) -> None:
    party = parties()
    with party.consumer(queue(news, "one")):
        with party.connection.Producer(exchange=news) as producer, producer.batch():
            for number in range(3):
                producer.publish(number)
        party.hears(0, 1, 2)


def test_no_event_fails_while_the_broker_is_away_but_commands_do(fresh: str) -> None:
    party = Party("127.0.0.1:1", fresh, log_exchanges=[fresh], publish_timeout=0.5)
    party.tell(Exchange(fresh, type="topic"), "event", routing_key="worker.online")
    with pytest.raises(PublishError):
        party.tell(Exchange("commands", type="fanout"), "command")
    party.connection.close()


def test_kombus_broadcast_queues_hear_all(parties: Callable[..., Party], fresh: str) -> None:
    first, second = parties(), parties()
    with first.consumer(Broadcast(fresh)), second.consumer(Broadcast(fresh)):
        parties().tell(Exchange(fresh, type="fanout"), "all")
        first.hears("all")
        second.hears("all")


def test_a_message_of_a_log_is_acknowledged_and_given_back_like_others(
    parties: Callable[..., Party], news: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    party, other = parties(max_deliveries=2), parties()
    with other.consumer(queue(news, "two")), party.consumer(queue(news, "one")) as consumer:
        consumer.qos(prefetch_count=1)
        party.tell(news, "a", "b")
        party.drain_until(lambda: party.taken)
        with pytest.raises(TimeoutError):
            party.connection.drain_events(timeout=0.3)
        party.taken[0].requeue()
        party.drain_until(lambda: len(party.taken) == 2)
        party.taken[1].ack()
        party.drain_until(lambda: len(party.taken) == 3)
        assert party.taken[2].delivery_info["delivery_count"] == 1
        assert party.taken[2].delivery_info["redelivered"]
        party.taken[2].requeue()
        assert [message.decode() for message in party.taken] == ["a", "b", "a"]
        other.hears("a", "b")
    assert "one drops a message of log." in caplog.text
    assert "given back 2 times" in caplog.text


def test_giving_back_after_the_end_changes_nothing(
    parties: Callable[..., Party], news: Exchange
) -> None:
    party = parties()
    with party.consumer(queue(news, "one")):
        party.tell(news, "a")
        party.drain_until(lambda: party.taken)
    party.connection.close()
    party.taken[0].give_back()


def test_what_cannot_be_handled_is_dropped_with_a_word(
    parties: Callable[..., Party], news: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    """Foreign records, those that are too large, undecodable and rejected ones."""
    party = parties(max_message_bytes=1500)
    with party.consumer(queue(news, "one")):
        producer = Producer({"bootstrap.servers": party.address})
        producer.produce(f"log.{news.name}", b"foreign")
        producer.produce(f"log.{news.name}")
        assert producer.flush(10) == 0
        parties().tell(news, "x" * 2000)
        party.tell(news, {"is": "rejected"}, {"is": "undecodable"})
        party.drain_until(lambda: len(party.taken) == 2)
        party.taken[0].reject()
        party.taken[1].body = b"{"
        with pytest.raises(DecodeError):
            party.taken[1].decode()
        party.taken[1].ack()
    for words in (
        f"A record of log.{news.name} is skipped: the record has no header",
        "bytes are more than the limit of 1500",
        f"A message of log.{news.name} is dropped: rejected",
        "is dropped: the body cannot be decoded",
    ):
        assert words in caplog.text


def test_a_queue_is_unbound_and_deleted(parties: Callable[..., Party], news: Exchange) -> None:
    party = parties()
    channel = party.connection.default_channel
    bound = queue(news, "one", auto_delete=True)(channel)
    bound.declare()
    assert bound.queue_declare(passive=True).message_count == 0
    bound.queue_unbind()
    listening = party.connection.transport.listening
    listening.unbind("one", "unknown", "")
    assert listening.has("one")
    bound.delete()
    assert not listening.has("one")
    channel.basic_cancel("no such consumer")


def test_a_temporary_queue_goes_with_its_consumer_and_another_stays(
    parties: Callable[..., Party], news: Exchange
) -> None:
    party = parties()
    with party.consumer(queue(news, "kept")), party.consumer(queue(news, "", exclusive=True)):
        names = list(party.connection.transport.listening._listeners)
    assert [party.connection.transport.listening.has(name) for name in names] == [True, False]
    assert names[1].startswith("amq.gen-")
    party.tell(news, "while nobody consumed")
    with party.consumer(queue(news, "kept")) as consumer:
        consumer.cancel()
        consumer.channel.basic_cancel("no such consumer")
        consumer.consume()
        party.hears("while nobody consumed")


def test_a_temporary_queue_of_work_stays_a_topic(parties: Callable[..., Party], fresh: str) -> None:
    party = parties()
    exchange = Exchange(fresh)
    work = queue(exchange, fresh, routing_key="k", auto_delete=True, max_priority=2)
    with party.consumer(work):
        party.tell(exchange, "work", routing_key="k")
        party.hears("work")
    assert party.connection.transport._levels[fresh] == 3
    assert not party.connection.transport.listening.has(fresh)


def test_a_queue_is_a_topic_or_a_position_and_not_both(
    parties: Callable[..., Party], news: Exchange
) -> None:
    channel = parties().connection.default_channel
    work = Exchange(f"{news.name}-work")
    for first, second in ((news, work), (work, news)):
        both = f"{first.name}-both"
        queue(first, both)(channel).declare()
        with pytest.raises(UnsupportedError, match=f"{both}' cannot be bound to a broadcast"):
            queue(second, both)(channel).declare()


def test_a_queue_of_work_is_unbound_and_passive_questions_reach_it(
    parties: Callable[..., Party], fresh: str
) -> None:
    channel = parties().connection.default_channel
    work = queue(Exchange(fresh), fresh, routing_key="k")(channel)
    work.declare()
    assert list(channel.list_bindings()) == [(fresh, fresh, "k")]
    work.queue_unbind()
    assert list(channel.list_bindings()) == []
    with pytest.raises(UnsupportedError, match="topic_deletion"):
        work.delete()


def test_an_exchange_that_is_only_asked_for_is_not_declared(
    parties: Callable[..., Party], news: Exchange
) -> None:
    channel = parties().connection.default_channel
    news(channel).declare()
    news(channel).declare(passive=True)
    assert channel.connection.listening.is_log(news.name)


def test_the_event_loop_is_woken_when_there_is_room(
    parties: Callable[..., Party], news: Exchange
) -> None:
    party = parties()
    with party.consumer(queue(news, "one")) as consumer:
        consumer.qos(prefetch_count=1)
        party.tell(news, "a", "b")
        party.drain_until(lambda: party.taken)
        transport = party.connection.transport
        party.drain_until(transport.listening.has_some)
        transport._opened().clear()
        party.taken[0].ack()
        assert transport._opened().wait(0)


def test_a_reader_that_has_ended_is_an_error_that_reconnects(
    parties: Callable[..., Party], news: Exchange
) -> None:
    party = parties()
    transport = party.connection.transport
    with party.consumer(queue(news, "one")):
        transport.listening._broadcast.failure = RuntimeError("gone")
        with pytest.raises(ConsumerLostError, match="has ended: gone"):
            party.connection.drain_events(timeout=1)
        assert not party.connection.connected
    party.connection.close()
    transport._ready()
    transport.listening.cancel("one")
    transport.listening.forget("one")
    transport.listening.unbind("one", news.name, "")


def test_closing_frees_threads_and_descriptors(
    parties: Callable[..., Party], news: Exchange
) -> None:
    """Fewer are new than connections were: the process's producers may start one or two."""

    def used() -> list[int]:
        return [len(list(Path(f"/proc/self/{kind}").iterdir())) for kind in ("task", "fd")]

    parties().tell(news, "first")
    before = used()
    for _ in range(5):
        party = parties()
        with party.consumer(queue(news, "one", auto_delete=True)):
            party.tell(news, "again")
            party.hears("again")
        party.connection.close()
    assert all(now - then < 5 for then, now in zip(before, used(), strict=True))


class Patient:
    """An intake that closes when a thread has ended."""

    failure = None

    def __init__(self, thread: threading.Thread) -> None:
        self.thread = thread

    def close(self) -> None:
        self.thread.join(15)
        assert not self.thread.is_alive()


def test_the_reader_of_logs_ends_beside_the_intake_and_not_after_it(
    parties: Callable[..., Party], news: Exchange
) -> None:
    """While brokers are away each may wait for an answer: together, not one after the other."""
    party = parties()
    with party.consumer(queue(news, "one")):
        transport = party.connection.transport
    transport._intake = Patient(transport.listening._broadcast._thread)
    party.connection.close()
    assert transport._intake is None


def test_closing_waits_for_events_that_are_on_their_way(
    parties: Callable[..., Party], fresh: str
) -> None:
    party = parties(log_exchanges=[fresh])
    party.tell(Exchange(fresh, type="topic"), "event", routing_key="worker.offline")
    options = read(party.connection.transport_options)
    party.connection.close()
    assert len(lossy.Shared(options, Address(party.address)).get()._producer) == 0
