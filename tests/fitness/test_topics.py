"""Every topic has somebody who fills it, somebody who empties it, and a service for each."""

import re
from pathlib import Path

import pytest

from app.messages import topics
from tests.compose_file import services
from tests.shared_material import ROOT

CONSTANTS = {name: t for name, t in vars(topics).items() if isinstance(t, topics.Topic)}


def _uses(constant: str, *folders: str) -> list[Path]:
    """The modules that name a topic by its constant."""
    modules = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    named = re.compile(rf"\b{constant}\b")
    return [p for p in modules if p.name != "topics.py" and named.search(p.read_text())]


def test_the_table_of_topics_is_complete() -> None:
    assert set(topics.TOPICS) == set(CONSTANTS.values())


@pytest.mark.parametrize("topic", topics.TOPICS, ids=lambda topic: topic.name)
def test_a_topic_has_a_dead_letter_of_its_own(topic: topics.Topic) -> None:
    names = [t.name for t in topics.TOPICS] + [t.dead_letter for t in topics.TOPICS]
    assert topic.dead_letter == f"{topic.name}.dlq"
    assert names.count(topic.dead_letter) == 1


@pytest.mark.parametrize("queue", topics.QUEUES, ids=lambda topic: topic.name)
def test_a_queue_has_a_worker_in_compose(queue: topics.Topic) -> None:
    commands = [service.get("command") or [] for service in services().values()]
    assert [command[:1] for command in commands if queue.name in command] == [["celery"]]


@pytest.mark.parametrize("topic", topics.EVENT_TOPICS, ids=lambda topic: topic.name)
def test_an_event_topic_has_a_consumer_in_compose(topic: topics.Topic) -> None:
    labels = [service.get("labels", {}) for service in services().values()]
    assert [label for label in labels if label.get("testops.consumes") == topic.name]


@pytest.mark.parametrize("constant", CONSTANTS)
def test_a_topic_has_a_producer_and_a_consumer(constant: str) -> None:
    assert _uses(constant, "app/messages", "app/services", "tasks")
    assert _uses(constant, "bridge", "tasks")


def test_topics_are_named_in_one_table_only() -> None:
    names = {topic.name for topic in topics.TOPICS}
    code = [
        p for folder in ("app", "bridge", "tasks", "worker") for p in (ROOT / folder).rglob("*.py")
    ]
    literal = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in code
        for name in names
        if re.search(rf"""["']{name}["']""", path.read_text()) and path.name != "topics.py"
    ]
    assert literal == []
