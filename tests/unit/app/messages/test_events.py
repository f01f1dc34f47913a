import json
from pathlib import Path

import pytest

from app import tracing
from app.domain.news import Kind
from app.domain.outcomes import Outcome
from app.domain.results import CaseFinished, CaseStarted, CheckFinished, CheckStarted
from app.errors import InvalidInputError
from app.messages import events, topics
from app.messages.codec import encode
from tests.factories import rows

#: Type and body of a message of each shape that there has been; only ever added to.
PUBLISHED: list[tuple[str, object]] = [
    (message["type"], message["body"])
    for message in json.loads(Path(__file__).with_name("published.json").read_text())
]

EVENTS: list[events.DomainEvent] = [
    events.Reported("r1", 0, 1, CaseStarted("c1")),
    events.Reported("r1", 0, 1, CheckStarted("c1", "test_x")),
    events.Reported("r1", 0, 1, CheckFinished("c1", "test_x", Outcome.PASSED)),
    events.Reported("r1", 0, 1, CaseFinished("c1", Outcome.PASSED)),
    events.Reported("r1", 0, 1, CaseFinished("c1", Outcome.PASSED, strength=rows.STRENGTH)),
    events.ShardReturned("r1", 0, 1),
    events.RunnerStarted(
        "host",
        "standard",
        (events.CageLayer("seccomp", "calls", holds=False, note="a", advice="b"),),
    ),
    events.RunFinished("r1", "s1", "finished", passed=1, failed=0, errored=0, skipped=0),
    events.GenerationFinished("g1", "s1", written=3, failed=0),
    events.Noticed("flaky:x", "s1", Kind.FLAKY, title="a", text="b", run_id="r1"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_survives_the_wire(event: events.DomainEvent) -> None:
    envelope = events.wrap(event, event_id="e1", key="r1")
    assert (envelope.id, envelope.key) == ("e1", "r1")
    assert events.unwrap(dict(envelope.headers()), "r1", envelope.body) == envelope
    assert events.read(envelope.type, envelope.body) == event


def test_headers_are_those_of_cloudevents_in_binary_mode() -> None:
    headers = dict(events.wrap(EVENTS[0], event_id="e1", key="r1").headers())
    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_id"] == b"e1"
    assert headers["ce_type"] == b"testops.reported.v1"
    assert headers["content-type"] == b"application/json"


def test_an_event_goes_on_with_the_trace_in_which_it_happened() -> None:
    with tracing.following(""):
        envelope = events.wrap(EVENTS[0], event_id="e1", key="r1")
        traceparent = tracing.current()
    headers = dict(envelope.headers())
    assert headers["ce_traceparent"] == traceparent.encode()
    assert events.unwrap(headers, "r1", envelope.body).traceparent == traceparent


@pytest.mark.parametrize("name", ["ce_specversion", "ce_id", "ce_type", "ce_source"])
@pytest.mark.parametrize("value", [None, b"", b"\xff"])
def test_an_envelope_without_a_required_header_is_refused(name: str, value: bytes | None) -> None:
    headers = dict(events.wrap(EVENTS[0], event_id="e1", key="r1").headers())
    del headers[name]
    with pytest.raises(InvalidInputError) as caught:
        events.unwrap(headers if value is None else headers | {name: value}, "r1", b"{}")
    assert caught.value.where == name


def test_an_envelope_of_another_cloudevents_is_refused() -> None:
    headers = dict(events.wrap(EVENTS[0], event_id="e1", key="r1").headers())
    with pytest.raises(InvalidInputError, match="is not read"):
        events.unwrap(headers | {"ce_specversion": b"2.0"}, "r1", b"{}")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("other.v1", "Unknown event type"), ("testops.reported.v9", "too old to read")],
)
def test_an_unknown_type_or_a_newer_version_is_refused(name: str, reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        events.read(name, b"{}")


def test_a_known_type_with_another_shape_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        events.read("testops.run_finished.v1", b"{}")
    assert caught.value.where == "testops.run_finished.v1#/run_id"


def test_every_type_that_was_ever_published_is_in_the_collection() -> None:
    assert {name for name, _ in PUBLISHED} >= events.TYPES.keys()


@pytest.mark.parametrize(("name", "body"), PUBLISHED)
def test_what_was_once_published_is_still_read(name: str, body: object) -> None:
    """Whatever a body says is in the event; what it does not know of has its default."""
    read = json.loads(encode(events.read(name, json.dumps(body).encode())))
    assert holds(read, body)


def holds(read: object, body: object) -> bool:
    if isinstance(read, dict) and isinstance(body, dict):
        return all(holds(read[name], value) for name, value in body.items())
    if isinstance(read, list) and isinstance(body, list):
        return len(read) == len(body) and all(map(holds, read, body))
    return read == body


def test_a_field_of_a_newer_program_is_passed_over() -> None:
    body = b'{"run_id": "r", "shard": 0, "attempt": 1, "mood": "fine"}'
    assert events.read("testops.shard_returned.v1", body) == events.ShardReturned("r", 0, 1)


def test_every_topic_has_a_dead_letter_of_its_own() -> None:
    names = [topic.dead_letter for topic in topics.TOPICS]
    assert len(set(names)) == len(topics.TOPICS)
    assert topics.TEST_RESULTS.dead_letter == "test_results.dlq"
