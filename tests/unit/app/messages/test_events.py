import pytest

from app.domain.outcomes import Outcome
from app.domain.results import CaseFinished, CaseStarted, CheckFinished, CheckStarted
from app.errors import InvalidInputError
from app.messages import events, topics

EVENTS: list[events.DomainEvent] = [
    events.Reported("r1", 0, 1, CaseStarted("c1")),
    events.Reported("r1", 0, 1, CheckStarted("c1", "test_x")),
    events.Reported("r1", 0, 1, CheckFinished("c1", "test_x", Outcome.PASSED)),
    events.Reported("r1", 0, 1, CaseFinished("c1", Outcome.PASSED)),
    events.ShardReturned("r1", 0, 1),
    events.RunnerStarted(
        "host",
        "standard",
        (events.CageLayer("seccomp", "calls", holds=False, note="a", advice="b"),),
    ),
    events.RunFinished("r1", "s1", "finished", passed=1, failed=0, errored=0, skipped=0),
    events.GenerationFinished("g1", "s1", written=3, failed=0),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_survives_the_wire(event: events.DomainEvent) -> None:
    envelope = events.wrap(event, event_id="e1", key="r1")
    assert (envelope.id, envelope.key) == ("e1", "r1")
    assert events.unwrap(dict(envelope.headers()), envelope.body) == event


def test_headers_are_those_of_cloudevents_in_binary_mode() -> None:
    headers = dict(events.wrap(EVENTS[0], event_id="e1", key="r1").headers())
    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_id"] == b"e1"
    assert headers["ce_type"] == b"testops.reported.v1"
    assert headers["content-type"] == b"application/json"


@pytest.mark.parametrize("headers", [{}, {"ce_type": b"other.v9"}, {"ce_type": b"\xff"}])
def test_an_unknown_type_is_refused(headers: dict[str, bytes]) -> None:
    with pytest.raises(InvalidInputError, match="Unknown event type"):
        events.unwrap(headers, b"{}")


def test_a_known_type_with_another_shape_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        events.unwrap({"ce_type": b"testops.run_finished.v1"}, b"{}")
    assert caught.value.where == "testops.run_finished.v1#/run_id"


def test_every_topic_has_a_dead_letter_of_its_own() -> None:
    names = [topic.dead_letter for topic in topics.TOPICS]
    assert len(set(names)) == len(topics.TOPICS)
    assert topics.TEST_RESULTS.dead_letter == "test_results.dlq"
