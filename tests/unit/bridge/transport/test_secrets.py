import json

import pytest
from kombu import Connection

import bridge.transport
from bridge.transport.options import read
from bridge.transport.secrets import Masked


@pytest.mark.parametrize(
    "name",
    [
        "sasl.password",
        "ssl.key.password",
        "ssl.keystore.password",
        "ssl.key.pem",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.client.credentials.client.secret",
        "sasl.oauthbearer.assertion.private.key.passphrase",
        "sasl.oauthbearer.config",
    ],
)
def test_secrets_are_not_shown_and_still_there(name: str) -> None:
    masked = Masked({name: "geheim", "client.id": "me"})
    assert repr(masked) == str(masked) == repr({name: "**", "client.id": "me"})
    assert masked[name] == "geheim"


@pytest.mark.parametrize("option", ["kafka", "kafka_consumer", "kafka_producer"])
def test_options_show_no_password_and_are_still_told_apart(option: str) -> None:
    one, other = (read({option: {"sasl.password": word}}) for word in ("geheim", "anders"))
    assert "geheim" not in repr(one)
    assert repr(one) == repr(other)
    assert one.identity() != other.identity()
    assert one.identity() == read({option: {"sasl.password": "geheim"}}).identity()


def test_a_connection_tells_of_itself_without_passwords() -> None:
    """What `celery inspect stats` sends to whoever asks; as JSON, whatever the options hold."""
    bridge.transport.register()
    given = {
        "kafka": {"sasl.password": "geheim", "ssl.key.pem": "", "oauth_cb": len, "retries": 3},
        "log_exchanges": {"mine"},
    }
    url = "kafka://me:geheim@one,two;kafka://me:geheim@three"
    connection = Connection(url, transport_options=given)
    first = connection.transport
    told = connection.info()
    assert "geheim" not in json.dumps(told)
    assert told["hostname"] == "kafka://me:**@one,two"
    assert told["transport_options"]["kafka"]["retries"] == 3
    assert told["transport_options"]["log_exchanges"] == ["mine"]
    connection.collect()
    assert connection.transport is not first
    assert connection.info() == told
    assert connection.clone().transport.address.password == "geheim"
