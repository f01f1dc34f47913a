"""Where the broker is and how it knows us, as Celery's side and the event handlers want it told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.errors import InvalidInputError
from app.settings import PREFIX, KafkaSettings
from bridge.kafka import clients
from bridge.transport.secrets import Masked

#: The embedded broker misses a member that left for its session timeout: shorter than Kafka's own
#: 45 s, a part that is started again goes on sooner.
EMBEDDED_SESSION_SECONDS = 6.0


def url(settings: KafkaSettings) -> str:
    """The broker's URL for kombu; without user and password, since URLs are shown."""
    return f"kafka://{settings.kafka_brokers}"


def transport_options(settings: KafkaSettings, group: str) -> dict[str, Any]:
    """Options of the kombu transport for the processes of one group; times in seconds.

    Raises InvalidInputError as `security` does.
    """
    options: dict[str, Any] = {
        "group_id": group,
        "client_id": group,
        "topic_creation": settings.kafka_topic_creation,
        "kafka": security(settings),
    }
    if is_embedded(settings):
        options["session_timeout"] = EMBEDDED_SESSION_SECONDS
    return options


def event_options(settings: KafkaSettings) -> clients.Options:
    """Librdkafka options of the event handlers; raises InvalidInputError as `security` does."""
    if not is_embedded(settings):
        return security(settings)
    session = {"session.timeout.ms": int(EMBEDDED_SESSION_SECONDS * 1000)}
    return Masked(security(settings) | session)


def security(settings: KafkaSettings) -> Masked:
    """Librdkafka options of every client of ours: the one place that says how Kafka knows us.

    Raises InvalidInputError where a file cannot be read, which librdkafka would not name.
    """
    given: dict[str, str] = {
        "security.protocol": settings.kafka_security_protocol,
        "sasl.mechanism": settings.kafka_sasl_mechanism,
        "sasl.username": settings.kafka_sasl_username,
        "sasl.password": settings.kafka_sasl_password.get_secret_value(),
        "ssl.ca.location": _readable(settings, "kafka_ssl_ca_file"),
        "ssl.certificate.location": _readable(settings, "kafka_ssl_certificate_file"),
        "ssl.key.location": _readable(settings, "kafka_ssl_key_file"),
        "ssl.key.password": settings.kafka_ssl_key_password.get_secret_value(),
    }
    return Masked({name: value for name, value in given.items() if value})


def _readable(settings: KafkaSettings, field: str) -> str:
    path: str = getattr(settings, field)
    try:
        if path:
            Path(path).open("rb").close()
    except OSError as error:
        raise InvalidInputError(
            f"The file of {PREFIX}{field.upper()} cannot be read: {error.strerror}.",
            where=path,
            hint="Correct the path, or let this user read the file.",
        ) from error
    return path


def is_embedded(settings: KafkaSettings) -> bool:
    """Whether the broker is the embedded one, which has no topic administration."""
    return settings.kafka_topic_creation == "auto"
