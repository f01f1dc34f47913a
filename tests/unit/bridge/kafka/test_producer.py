from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from confluent_kafka import KafkaError, KafkaException

from app.errors import InvalidInputError, UnavailableError
from app.messages import events
from bridge.kafka import clients
from bridge.kafka import producer as module
from bridge.kafka.producer import EventProducer
from tests.kafka_server.broker import free_ports
from tests.unit.bridge.kafka.reading import read_all
from tests.waiting import wait_until

ENVELOPE = events.wrap(
    events.GenerationFinished("g1", "s1", written=1, failed=0), event_id="e1", key="run-1"
)


@pytest.fixture
def producer(embedded_broker: str) -> Iterator[EventProducer]:
    producer = EventProducer(embedded_broker)
    yield producer
    producer.close()


def test_what_is_flushed_is_on_the_topic(
    embedded_broker: str, producer: EventProducer, fresh: str
) -> None:
    producer.publish(fresh, ENVELOPE)
    producer.flush()

    [record] = read_all(embedded_broker, fresh, 1)
    assert (record.key(), record.value()) == (b"run-1", ENVELOPE.body)
    assert dict(record.headers() or [])["ce_type"] == b"testops.generation_finished.v1"


def test_an_event_that_is_too_large_is_refused_by_name(producer: EventProducer, fresh: str) -> None:
    with pytest.raises(InvalidInputError, match=rf"larger than {clients.MAX_MESSAGE_BYTES} bytes"):
        producer.produce(fresh, key=None, value=b"x" * (clients.MAX_MESSAGE_BYTES + 1), headers=[])


def test_a_broker_that_is_away_is_unavailable() -> None:
    [port] = free_ports(1)
    producer = EventProducer(f"127.0.0.1:{port}")
    producer.publish("any", ENVELOPE)
    # librdkafka also counts its complaints that nobody has heard yet.
    with pytest.raises(UnavailableError, match=r"\d events unconfirmed after 0\.1 s.*127\.0\.0\.1"):
        producer.flush(0.1)
    producer.close()
    with pytest.raises(UnavailableError, match="1 events refused, the first: any: "):
        producer.flush(0)


class ReluctantProducer:
    """Refuses as often as told."""

    def __init__(self, *refusals: Exception) -> None:
        self.refusals = list(refusals)

    def produce(self, _topic: str, **_record: object) -> None:
        if self.refusals:
            raise self.refusals.pop(0)

    def poll(self, _seconds: float) -> int:
        return 0


def reluctant(monkeypatch: pytest.MonkeyPatch, *refusals: Exception) -> EventProducer:
    monkeypatch.setattr(module, "Producer", lambda _config: ReluctantProducer(*refusals))
    return EventProducer("one:1")


def test_a_full_queue_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    reluctant(monkeypatch, BufferError()).publish("any", ENVELOPE)


def test_a_queue_that_stays_full_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "DELIVERY_TIMEOUT_SECONDS", -1.0)
    with pytest.raises(UnavailableError, match="no room for more events"):
        reluctant(monkeypatch, BufferError()).publish("any", ENVELOPE)


def test_a_refusal_of_the_client_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    fatal = KafkaException(KafkaError(KafkaError._FATAL, "gave up"))
    with pytest.raises(UnavailableError, match="any: gave up"):
        reluctant(monkeypatch, fatal).publish("any", ENVELOPE)


def test_who_does_not_publish_hears_of_a_broker_that_is_away_and_keeps_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    [port] = free_ports(1)
    with closing(EventProducer(f"127.0.0.1:{port}")) as producer:

        def has_said() -> bool:
            producer.serve()
            return "Connection refused" in caplog.text

        wait_until(has_said, "the client's complaint is heard")


class Answer:
    def topic(self) -> str:
        return "any"


class StrictProducer:
    """Takes records; the broker's answer to each is this error."""

    def __init__(self, error: KafkaError) -> None:
        self.error = error
        self.waiting: list[Callable[[KafkaError, Answer], None]] = []

    def produce(
        self, _topic: str, on_delivery: Callable[[KafkaError, Answer], None], **_record: object
    ) -> None:
        self.waiting.append(on_delivery)

    def poll(self, _seconds: float) -> int:
        return 0

    def flush(self, _seconds: float) -> int:
        for tell in self.waiting:
            tell(self.error, Answer())
        return 0


def test_what_the_broker_finds_too_large_is_refused_for_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)
    monkeypatch.setattr(module, "Producer", lambda _config: StrictProducer(error))
    producer = EventProducer("one:1")
    producer.publish("any", ENVELOPE)
    with pytest.raises(InvalidInputError, match=r"larger than the broker takes.*any"):
        producer.flush()
