"""What is wrong between us and Kafka, told to whoever sets `TESTOPS_…`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from confluent_kafka import KafkaError

from bridge.transport import trouble
from bridge.transport.trouble import Cause

_PROTOCOL: Final = "whether the port wants TLS or a password: TESTOPS_KAFKA_SECURITY_PROTOCOL"
REMEDIES: Final[Mapping[Cause, str]] = {
    Cause.NO_HOST: "there is no such host: correct TESTOPS_KAFKA_BROKERS, or the name service",
    Cause.MECHANISM: "set TESTOPS_KAFKA_SASL_MECHANISM to one that the broker has",
    Cause.NO_PASSWORD_WANTED: (
        "this port asks for no password: set TESTOPS_KAFKA_SECURITY_PROTOCOL, or name the port "
        "that does in TESTOPS_KAFKA_BROKERS"
    ),
    Cause.CREDENTIALS: (
        "correct TESTOPS_KAFKA_SASL_USERNAME, TESTOPS_KAFKA_SASL_PASSWORD or "
        "TESTOPS_KAFKA_SASL_MECHANISM"
    ),
    Cause.PROTOCOL: f"check {_PROTOCOL}",
    Cause.OUR_CERTIFICATE: (
        "the broker refuses our certificate: correct TESTOPS_KAFKA_SSL_CERTIFICATE_FILE and "
        "TESTOPS_KAFKA_SSL_KEY_FILE"
    ),
    Cause.THEIR_CERTIFICATE: (
        "the broker's certificate is not trusted: name its authority's file in "
        "TESTOPS_KAFKA_SSL_CA_FILE"
    ),
    Cause.NO_TLS: (
        "this port does not speak TLS: name the one that does in TESTOPS_KAFKA_BROKERS, or set "
        "TESTOPS_KAFKA_SECURITY_PROTOCOL"
    ),
    Cause.NOBODY_LISTENS: "nothing listens there: start the broker, or set TESTOPS_KAFKA_BROKERS",
    Cause.ALL_AWAY: f"they cannot be reached or end the connection; check {_PROTOCOL}",
    Cause.TOPIC_RIGHTS: (
        "allow this user to describe, read and write the topic, and the job topics to create it"
    ),
    Cause.GROUP_RIGHTS: "allow this user to read and describe the group",
}


def explain(error: KafkaError) -> str:
    """An error and what to do about it."""
    return trouble.explain(error, REMEDIES)
