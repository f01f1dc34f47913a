import pytest

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
