"""Where the broker is, as Celery's side and the event handlers want it told."""

from __future__ import annotations

from typing import Any

from app.settings import RunnerSettings
from bridge.kafka import clients

#: The embedded broker misses a member that left for its session timeout: shorter than Kafka's own
#: 45 s, a part that is started again goes on sooner.
EMBEDDED_SESSION_SECONDS = 6.0


def url(settings: RunnerSettings) -> str:
    """The broker's URL for kombu."""
    return f"kafka://{settings.kafka_brokers}"


def transport_options(settings: RunnerSettings, group: str) -> dict[str, Any]:
    """Options of the kombu transport for the processes of one group; times in seconds."""
    options: dict[str, Any] = {
        "group_id": group,
        "client_id": group,
        "topic_creation": settings.kafka_topic_creation,
    }
    if is_embedded(settings):
        options["session_timeout"] = EMBEDDED_SESSION_SECONDS
    return options


def event_options(settings: RunnerSettings) -> clients.Options:
    """Librdkafka options of the event handlers."""
    if not is_embedded(settings):
        return {}
    return {"session.timeout.ms": int(EMBEDDED_SESSION_SECONDS * 1000)}


def is_embedded(settings: RunnerSettings) -> bool:
    """Whether the broker is the embedded one, which has no topic administration."""
    return settings.kafka_topic_creation == "auto"
