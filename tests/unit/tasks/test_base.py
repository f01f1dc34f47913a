"""What becomes of a message whose task raised."""

from __future__ import annotations

import pytest
from celery import Celery
from celery.exceptions import Reject

from app import tracing
from app.errors import InvalidInputError, UnavailableError
from tasks.base import PlatformTask

celery = Celery("test", set_as_current=False)


@celery.task(base=PlatformTask, pause_seconds=0.0, shared=False)  # type: ignore[untyped-decorator]  # Celery is untyped
def work(kind: str) -> str:
    if kind == "passes":
        raise UnavailableError("Kafka is away.")
    if kind == "lasts":
        raise InvalidInputError("The seal is broken.")
    if kind == "unexpected":
        raise ValueError(kind)
    return tracing.current() if kind == "traced" else kind


def test_a_task_that_succeeds_returns() -> None:
    assert work("fine") == "fine"


def test_a_task_is_a_part_of_the_trace_of_its_message() -> None:
    headers = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    work.push_request(**headers)
    try:
        assert work("traced").startswith(f"00-{'a' * 32}-")
    finally:
        work.pop_request()
    assert tracing.current() == ""


def test_an_error_that_passes_puts_the_message_back() -> None:
    with pytest.raises(Reject) as caught:
        work("passes")
    assert caught.value.requeue is True
    assert caught.value.reason == "Kafka is away."


@pytest.mark.parametrize(
    ("kind", "error"), [("lasts", InvalidInputError), ("unexpected", ValueError)]
)
def test_any_other_error_is_left_to_make_a_dead_letter(kind: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        work(kind)
