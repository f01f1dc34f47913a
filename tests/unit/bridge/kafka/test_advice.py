"""What the log says of a connection, to whoever sets the platform up."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from app.settings import PREFIX, KafkaSettings
from bridge.kafka import advice
from bridge.transport.trouble import Cause


def test_every_cause_that_can_be_told_has_its_words() -> None:
    assert set(advice.REMEDIES) == set(Cause)


@pytest.mark.parametrize(
    ("code", "text", "setting"),
    [
        (KafkaError._AUTHENTICATION, "Invalid username or password", "sasl_password"),
        (KafkaError._SSL, "certificate verify failed", "ssl_ca_file"),
        (KafkaError._SSL, "SSL handshake failed", "security_protocol"),
        (KafkaError._TRANSPORT, "Connection refused", "brokers"),
    ],
)
def test_it_names_the_setting(code: int, text: str, setting: str) -> None:
    assert f"TESTOPS_KAFKA_{setting.upper()}" in advice.explain(KafkaError(code, text))


def test_it_names_no_setting_that_there_is_not() -> None:
    words = " ".join(advice.REMEDIES.values()).replace(",", " ").replace(":", " ").split()
    named = {word for word in words if word.startswith(PREFIX)}
    assert named <= {f"{PREFIX}{name.upper()}" for name in KafkaSettings.model_fields}
