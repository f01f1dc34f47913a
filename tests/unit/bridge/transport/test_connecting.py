"""What a connection is made from: URLs and options."""

from __future__ import annotations

from pathlib import Path

import pytest
from kombu import Connection

import bridge.transport
from bridge.transport.errors import BrokerAwayError, OptionError, PublishError
from tests.kafka_fixtures import embedded
from tests.kafka_server.broker import free_ports


def test_the_url_is_shown_without_its_password() -> None:
    bridge.transport.register()
    connection = Connection("kafka://me:secret@one,two:1")
    assert connection.as_uri() == "kafka://me:**@one,two:1"
    assert "secret" in connection.as_uri(include_password=True)
    assert connection.transport.driver_version()
    silent = Connection(transport="kafka", hostname=None)
    assert silent.transport.address.brokers == "localhost:9092"
    assert silent.transport.default_connection_params == {"hostname": "kafka://localhost:9092"}


def test_where_there_are_several_urls_the_one_that_answers_is_taken(
    embedded_broker: str, fresh: str
) -> None:
    """Two brokers that are away, then a list whose second broker answers."""
    bridge.transport.register()
    away, other = free_ports(2)
    connection = Connection(
        f"kafka://127.0.0.1:{away},127.0.0.1:{other};kafka://127.0.0.1:{away},{embedded_broker}",
        transport_options={"topic_creation": "auto"},
    )
    failed: list[Exception] = []
    connection.ensure_connection(errback=lambda error, _: failed.append(error), max_retries=4)

    [error] = failed
    assert isinstance(error, BrokerAwayError)
    assert f"Kafka at 127.0.0.1:{away},127.0.0.1:{other}: " in str(error)
    assert "nothing listens there" in str(error)
    assert connection.as_uri() == f"kafka://127.0.0.1:{away},{embedded_broker}"
    connection.Producer().publish("x", routing_key=fresh)
    connection.close()


def test_after_a_failed_publication_the_next_one_goes_to_another_url(
    embedded_broker: str, fresh: str, tmp_path: Path
) -> None:
    bridge.transport.register()
    with embedded(tmp_path) as first:
        connection = Connection(
            f"kafka://{first};kafka://{embedded_broker}",
            transport_options={"topic_creation": "auto", "publish_timeout": 6},
        )
        connection.Producer().publish("x", routing_key=fresh)
        assert connection.as_uri() == f"kafka://{first}"
    with pytest.raises(PublishError, match=f"{fresh} on Kafka at {first} did not take"):
        connection.Producer().publish("x", routing_key=fresh)
    assert not connection.connected

    connection.Producer().publish("x", routing_key=fresh)
    assert connection.as_uri() == f"kafka://{embedded_broker}"
    connection.close()


def test_a_wrong_option_is_refused_at_once() -> None:
    bridge.transport.register()
    with pytest.raises(OptionError, match="patitions"):
        _ = Connection("kafka://one", transport_options={"patitions": 1}).transport
