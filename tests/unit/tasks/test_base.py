"""What becomes of a message whose task raised."""

from __future__ import annotations

import pytest
from billiard.einfo import ExceptionInfo, ExceptionWithTraceback
from celery import Celery
from celery.exceptions import Reject
from kombu.message import Message

from app import tracing
from app.errors import InvalidInputError, UnavailableError
from tasks.base import PlatformRequest, PlatformTask

celery = Celery("test", set_as_current=False)
celery.conf.update(task_acks_late=True, task_acks_on_failure_or_timeout=False)


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


@pytest.mark.parametrize("is_from_a_child", [False, True])
def test_a_dead_letter_is_told_which_error_its_task_ended_with(*, is_from_a_child: bool) -> None:
    rejected = []
    message = Message(
        body=b'[["lasts"], {}, {}]',
        headers={"id": "1", "task": work.name},
        content_type="application/json",
        content_encoding="utf-8",
    )
    request = PlatformRequest(
        message,
        app=celery,
        task=work,
        on_reject=lambda *_: rejected.append(message.reason),
    )
    try:
        work("lasts")
    except InvalidInputError as error:
        info = ExceptionInfo()
        info.exception = (
            ExceptionWithTraceback(error, error.__traceback__) if is_from_a_child else error
        )
    request.on_failure(info)
    assert rejected == ["InvalidInputError: The seal is broken."]
