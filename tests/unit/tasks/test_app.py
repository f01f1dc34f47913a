"""The options that every worker has."""

from __future__ import annotations

import pytest
from celery import Celery

from app.messages import topics
from tasks import app as application
from tasks import execution, generation, monitor
from tests.processes import SECRET


@pytest.fixture
def celery(monkeypatch: pytest.MonkeyPatch) -> Celery:
    monkeypatch.setenv("TESTOPS_SECRET_KEY", SECRET)
    monkeypatch.setenv("TESTOPS_KAFKA_BROKERS", "one:9092,two:9092")
    monkeypatch.setenv("TESTOPS_RUNNER_CONCURRENCY", "3")
    return application.create("runner")


def test_settings_are_read_when_they_are_first_needed(celery: Celery) -> None:
    assert not celery.configured
    assert celery.conf.broker_url == "kafka://one:9092,two:9092"
    assert celery.conf.worker_concurrency == 3


def test_a_message_is_done_only_after_its_task(celery: Celery) -> None:
    assert celery.conf.task_acks_late is True
    assert celery.conf.task_acks_on_failure_or_timeout is False
    assert celery.conf.task_reject_on_worker_lost is True
    assert celery.conf.worker_prefetch_multiplier == 1


def test_only_json_is_read(celery: Celery) -> None:
    assert celery.conf.accept_content == ["json"]


def test_workers_are_controlled_and_watched(celery: Celery) -> None:
    assert celery.conf.worker_enable_remote_control is True
    assert celery.conf.worker_send_task_events is True
    assert celery.connection_for_read().supports_exchange_type("fanout")


def test_the_broadcasts_that_topics_are_made_for_are_those_of_the_workers(celery: Celery) -> None:
    commands, replies, events = topics.BROADCASTS
    assert celery.control.mailbox.exchange.name == commands
    assert celery.control.mailbox.reply_exchange.name == replies
    assert celery.conf.event_exchange == events


def test_the_group_is_named_as_the_process(celery: Celery) -> None:
    assert celery.conf.broker_transport_options["group_id"] == "runner"


def test_there_is_a_queue_for_each_topic_of_commands(celery: Celery) -> None:
    assert set(celery.amqp.queues) == {topic.name for topic in topics.QUEUES}


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        (topics.Task.WRITE_CASES, topics.GENERATION_QUEUE),
        (topics.Task.REFRESH_DESCRIPTION, topics.GENERATION_QUEUE),
        (topics.Task.EXECUTE_SHARD, topics.TEST_RUN_QUEUE),
    ],
)
def test_each_task_has_its_queue(celery: Celery, task: str, queue: topics.Topic) -> None:
    assert celery.conf.task_routes[task] == {"queue": queue.name}


def test_each_kind_of_worker_knows_its_own_tasks_only(celery: Celery) -> None:
    """The fixture's settings are what they are configured from."""

    def own(one: Celery) -> set[str]:
        return {name for name in one.tasks if not name.startswith("celery.")}

    assert own(execution.app) == {topics.Task.EXECUTE_SHARD}
    assert own(generation.app) == {topics.Task.WRITE_CASES, topics.Task.REFRESH_DESCRIPTION}
    assert own(monitor.app) == own(celery) == set()
