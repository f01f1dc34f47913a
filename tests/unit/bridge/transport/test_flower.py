"""What Flower's broker page is told."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flower.utils.broker import Broker, RabbitMQ
from kombu import Connection

import bridge.transport
from bridge.transport import flower
from bridge.transport.errors import BrokerError


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Flower as it was, afterwards."""
    monkeypatch.setattr(flower, "_groups", {})
    before = Broker.__new__
    yield
    Broker.__new__ = staticmethod(before)


def told(broker: object, *names: str) -> list[dict[str, str | int]]:
    assert isinstance(broker, flower.Queues)
    return asyncio.run(broker.queues(names))


def options(group: str) -> dict[str, str]:
    return {"group_id": group, "topic_creation": "auto"}


def test_the_lengths_of_queues_are_told(embedded_broker: str, fresh: str) -> None:
    bridge.transport.register()
    url = f"kafka://{embedded_broker}"
    with Connection(url, transport_options=options(fresh)) as connection:
        for body in range(3):
            connection.Producer().publish(body, routing_key=fresh)
    flower.register()
    broker = Broker(url, http_api=None, broker_options=options(fresh), broker_use_ssl=None)
    assert told(broker, fresh, f"{fresh}-none") == [
        {"name": fresh, "messages": 3},
        {"name": f"{fresh}-none", "messages": 0},
    ]


def test_a_queue_may_be_another_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def read(
        _url: str, given: dict[str, str], names: list[str], **_: object
    ) -> dict[str, SimpleNamespace]:
        asked.append((given.get("group_id"), names))
        return {name: SimpleNamespace(waiting=1) for name in names}

    monkeypatch.setattr("bridge.transport.sizes.read", read)
    flower.register({"theirs": "their group"})
    names = ["a", "theirs", "b"]
    expected = [{"name": name, "messages": 1} for name in names]
    assert told(Broker("kafka://one", broker_options={"group_id": "ours"}), *names) == expected
    assert told(Broker("kafka://one"), "a") == expected[:1]
    assert asked == [("ours", ["a", "b"]), ("their group", ["theirs"]), (None, ["a"])]


def test_a_broker_that_is_away_is_an_error_that_names_it() -> None:
    flower.register()
    broker = Broker("kafka://127.0.0.1:1", broker_options={"publish_timeout": 0.5})
    with pytest.raises(BrokerError, match=r"127\.0\.0\.1:1"):
        told(broker, "any")


def test_other_brokers_are_flowers_own() -> None:
    flower.register()
    assert isinstance(Broker("amqp://one", http_api=None), RabbitMQ)
    with pytest.raises(NotImplementedError):
        Broker("sqs://one")
