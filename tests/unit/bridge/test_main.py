"""The command of the bridge's processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest
from confluent_kafka.admin import AdminClient

from app.messages import topics
from tests.processes import SECRET
from tests.shared_material import ROOT


def bridge(*names: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment: Mapping[str, str] = {
        name: value for name, value in os.environ.items() if not name.startswith("TESTOPS_")
    }
    return subprocess.run(
        [sys.executable, "-m", "bridge", *names],
        cwd=ROOT,
        env={**environment, **{f"TESTOPS_{name}": value for name, value in settings.items()}},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_settings_that_are_missing_are_one_line() -> None:
    ended = bridge("relay", SECRET_KEY=SECRET)
    assert ended.returncode == 1
    assert "TESTOPS_DATABASE_URL" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_the_embedded_broker_needs_no_topics() -> None:
    ended = bridge("topics", SECRET_KEY=SECRET, KAFKA_TOPIC_CREATION="auto")
    assert ended.returncode == 0
    assert ended.stdout == "Every topic is there.\n"


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_topics_are_created_once(kafka: str) -> None:
    bridge("topics", SECRET_KEY=SECRET, KAFKA_BROKERS=kafka)
    again = bridge("topics", SECRET_KEY=SECRET, KAFKA_BROKERS=kafka)
    assert again.stdout == "Every topic is there.\n"
    known = AdminClient({"bootstrap.servers": kafka}).list_topics(timeout=30).topics
    assert {topic.name for topic in topics.TOPICS} <= known.keys()
    assert {topic.dead_letter for topic in topics.TOPICS} <= known.keys()


def test_a_loop_that_breaks_gives_exit_status_1(
    empty_database_url: str, embedded_broker: str
) -> None:
    """A relay without tables cannot wait them into being."""
    ended = bridge(
        "relay",
        SECRET_KEY=SECRET,
        DATABASE_URL=empty_database_url,
        KAFKA_BROKERS=embedded_broker,
        KAFKA_TOPIC_CREATION="auto",
    )
    assert ended.returncode == 1
    assert "loop.broke" in ended.stderr
    assert "UndefinedTable" in ended.stderr
