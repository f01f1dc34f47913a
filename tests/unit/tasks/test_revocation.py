"""Revoked tasks that are told of it; with a real worker: tests/integration/test_flow.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from celery import Celery
from celery.worker import state
from kombu import Message

from tasks.revocation import ShardTask, ToldRequest

celery = Celery("test", set_as_current=False)


@celery.task(base=ShardTask, shared=False)  # type: ignore[untyped-decorator]  # Celery is untyped
def work() -> None:
    """Do nothing."""


@pytest.fixture(autouse=True)
def _clean_state() -> Iterator[None]:
    yield
    state.reset_state()


def test_a_revoked_message_is_handed_to_its_task_and_stays_unacknowledged() -> None:
    """To ask for its process to be killed makes no difference."""
    acknowledged: list[object] = []
    request = work.Request(
        Message(headers={"id": "one", "task": work.name}),
        app=celery,
        task=work,
        body=((), {}, {}),
        decoded=True,
        on_ack=lambda *_: acknowledged.append("one"),
    )
    assert isinstance(request, ToldRequest)
    state.revoked.add("one")
    request.terminate(pool=None, signal="SIGTERM")
    assert not request.revoked()
    assert not acknowledged


def test_a_task_learns_that_it_was_revoked_and_no_other() -> None:
    asked = []
    for task_id in ("one", "other"):
        work.push_request(id=task_id)
        asked.append(work.revocation())
        work.pop_request()
    assert [is_revoked() for is_revoked in asked] == [False, False]
    state.revoked.add("one")
    assert [is_revoked() for is_revoked in asked] == [True, False]
