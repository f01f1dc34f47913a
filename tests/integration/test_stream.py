"""A stream of results on a real PostgreSQL and a real Kafka, while its processes are killed."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Message, Producer, TopicPartition
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from app import database
from app.domain.outcomes import Outcome, Status
from app.domain.results import CaseStarted
from app.messages import events
from app.messages.topics import RUN_EVENTS, TEST_RESULTS
from app.models import (
    CheckStatistic,
    DeadLetter,
    News,
    OutboxMessage,
    Result,
    Run,
    SuiteStatistic,
)
from app.models.base import Base, new_id
from app.services import dead_letters, outbox, runs
from app.settings import Settings
from bridge.kafka import clients, records, topics
from bridge.kafka.producer import EventProducer
from tests import database_fixtures
from tests.database_fixtures import Postgres
from tests.factories import rows
from tests.processes import SECRET, Processes
from tests.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]

RUNS, CASES, CHECKS = 10, 100, 10
RESULTS = RUNS * CASES * CHECKS
#: Each is killed once it has begun; relay and results, which start last for that, before their end.
NAMES = ("dead-letters", "notifications", "analytics", "relay", "results")
#: Events that wait in the outbox, so that the relay too is killed in the middle of something.
NEWS = 10_000
KEYS = 100
UNKNOWN = "testops.unheard_of.v1"


@dataclass(frozen=True, slots=True)
class Stage:
    """The database and the broker, and what the test does there."""

    settings: Settings
    sessions: sessionmaker[Session]
    brokers: str
    folder: Path

    def processes(self) -> Processes:
        """The broker has the topics; `auto` is for its members to be missed soon."""
        return Processes(
            self.folder,
            database_url=self.settings.database_url.get_secret_value(),
            brokers=self.brokers,
            topic_creation="auto",
        )

    def start_runs(self) -> list[str]:
        with self.sessions.begin() as session:
            suite = rows.suite(session, self.settings, cases=CASES)
            started = [runs.start(session, suite.id, settings=self.settings) for _ in range(RUNS)]
            # There is nobody to execute them: the test tells what runners would.
            outbox.withdraw(session, "shard-")
            return [run.id for run in started]

    def add_news(self) -> None:
        """Events of a hundred keys, each with its number."""
        news = [_news(number) for number in range(NEWS)]
        with self.sessions.begin() as session:
            session.execute(insert(OutboxMessage), news)

    def count(self, table: type[Base]) -> int:
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def reports(self, run_id: str) -> Iterator[events.Envelope]:
        """What a runner tells of a run."""
        with self.sessions() as session:
            case_ids = rows.case_ids(session, run_id)
        for case_id in case_ids:
            for report in rows.finished_case(run_id, case_id, *[Outcome.PASSED] * CHECKS):
                yield events.wrap(report, event_id=new_id(), key=run_id)


def _news(number: int) -> dict[str, object]:
    event = events.GenerationFinished("g", "s", written=number, failed=0)
    envelope = events.wrap(event, event_id=f"news-{number}", key=f"key-{number % KEYS}")
    return {
        "kind": outbox.EVENT,
        "topic": RUN_EVENTS.name,
        "key": envelope.key,
        "type": envelope.type,
        "message_id": envelope.id,
        "body": envelope.body,
    }


@pytest.fixture
def stage(postgres: Postgres, kafka: str, tmp_path: Path) -> Iterator[Stage]:
    name = postgres.create()
    settings = database_fixtures.settings_for(postgres.url(name), secret_key=SECRET)
    engine = database.engine_of(settings)
    topics.create_all(kafka)
    yield Stage(settings, database.sessions(engine), kafka, tmp_path)
    engine.dispose()
    postgres.drop(name)


def publish_bad(brokers: str) -> list[str]:
    """One of everything that cannot be read; what each dead letter's reason says."""
    started = rows.reported("r", CaseStarted("c"))
    good = dict(events.wrap(started, event_id="e", key="k").headers())
    bad: list[tuple[dict[str, bytes], bytes | None, str]] = [
        (good | {"ce_type": UNKNOWN.encode()}, b"{}", "Unknown event type"),
        (good | {"ce_type": b"testops.reported.v9"}, b"{}", "too old to read"),
        (good, b'{"run_id": ', "testops.reported.v1"),
        (good, b'{"run_id": "\xff"}', "testops.reported.v1"),
        (good, b" " * (clients.MAX_MESSAGE_BYTES + 1), "larger than"),
        (good, None, "no body"),
        ({}, b"{}", "ce_specversion"),
        (good | {"ce_id": b"\xff"}, b"{}", "not UTF-8"),
    ]
    # Compressed it is within the topic's limit.
    limits = {"message.max.bytes": 10 * 1024**2, "compression.type": "gzip"}
    producer = Producer({"bootstrap.servers": brokers, **limits})
    for headers, body, _ in bad:
        producer.produce(TEST_RESULTS.name, body, key=b"k", headers=list(headers.items()))
    assert producer.flush(30) == 0
    return [reason for _, _, reason in bad]


def test_whatever_is_killed_every_result_is_there_once(stage: Stage) -> None:
    """Also what a runner told twice, and between messages that nobody can read."""
    run_ids = stage.start_runs()
    stage.add_news()
    bad = publish_bad(stage.brokers)
    with closing(EventProducer(stage.brokers)) as producer:
        for number, run_id in enumerate(run_ids):
            for envelope in itertools.chain(*[stage.reports(run_id)] * (1 + number % 2)):
                producer.publish(TEST_RESULTS.name, envelope)
        producer.flush()
    bad += publish_bad(stage.brokers)

    processes = stage.processes()
    alive = {name: processes.bridge(name) for name in NAMES}

    def kill(name: str) -> None:
        alive[name].kill()
        alive[name] = processes.bridge(name)

    wait_until(lambda: stage.count(OutboxMessage) < NEWS, "the relay is at it", every=0.005)
    alive["relay"].kill()
    assert stage.count(OutboxMessage) > 0
    wait_until(lambda: stage.count(Result) > RESULTS / 20, "some results are there", every=0.02)
    alive["results"].kill()
    assert stage.count(Result) < RESULTS
    # Only now: while a process starts the others would come to their end.
    alive |= {name: processes.bridge(name) for name in ("relay", "results")}
    wait_until(lambda: stage.count(DeadLetter), "some dead letters are there", every=0.02)
    kill("dead-letters")
    # The end of the first run comes through the relay, behind what waits there.
    wait_until(lambda: stage.count(News), "the end of a run is news", every=0.02)
    kill("notifications")
    wait_until(lambda: stage.count(CheckStatistic), "a run is counted", every=0.02)
    kill("analytics")

    wait_until(lambda: _all_are_finished(stage, run_ids), "every run is finished")
    wait_until(lambda: stage.count(OutboxMessage) == 0, "the outbox is empty")
    wait_until(lambda: stage.count(DeadLetter) >= len(bad), "every dead letter is there")
    wait_until(lambda: stage.count(News) == RUNS, "every run is news")
    wait_until(lambda: _all_are_counted(stage), "every run is counted")
    _assert_exact(stage, run_ids, bad)
    _assert_told(stage, run_ids)
    _assert_replayed(stage)
    processes.stop()
    assert {one.process.returncode for one in alive.values()} == {0}


def _all_are_finished(stage: Stage, run_ids: list[str]) -> bool:
    with stage.sessions() as session:
        finished = select(func.count()).where(Run.status == Status.FINISHED, Run.id.in_(run_ids))
        return session.scalar(finished) == len(run_ids)


def _all_are_counted(stage: Stage) -> bool:
    with stage.sessions() as session:
        return session.scalar(select(func.min(SuiteStatistic.runs))) == RUNS


def _assert_exact(stage: Stage, run_ids: list[str], bad: list[str]) -> None:
    assert stage.count(Result) == RESULTS
    with stage.sessions() as session:
        for run_id in run_ids:
            run = runs.get(session, run_id)
            assert (run.cases_finished, run.passed) == (CASES, CASES * CHECKS)
        # Of each check: in every run, and always passed.
        counted = select(CheckStatistic.runs, CheckStatistic.passed, func.count())
        counted = counted.group_by(CheckStatistic.runs, CheckStatistic.passed)
        assert session.execute(counted).all() == [(RUNS, RUNS, CASES * CHECKS)]
        told = session.scalars(select(News.key).order_by(News.key)).all()
        assert told == sorted(f"run:{run_id}" for run_id in run_ids)
        reasons = [letter.reason for letter in dead_letters.list(session).items]
    assert len(reasons) == len(bad)
    assert [expected for expected in bad if not any(expected in one for one in reasons)] == []


def _assert_told(stage: Stage, run_ids: list[str]) -> None:
    """The end of each run is one event; all news are there, and of one key in order.

    What was published twice has the same id.
    """
    # Others have written to the topic too.
    keys = {f"key-{first}" for first in range(KEYS)}
    ended, news = set[tuple[str, str]](), defaultdict[str, dict[int, None]](dict)
    for received in map(records.read, read_to_the_end(stage.brokers, RUN_EVENTS.name)):
        if isinstance(received.event, events.RunFinished):
            ended.add((received.event.run_id, received.id))
        elif isinstance(received.event, events.GenerationFinished) and received.key in keys:
            news[received.key].setdefault(received.event.written)
    assert sorted(run_id for run_id, _ in ended if run_id in run_ids) == sorted(run_ids)
    assert {key: list(numbers) for key, numbers in news.items()} == {
        f"key-{first}": list(range(first, NEWS, KEYS)) for first in range(KEYS)
    }


def read_to_the_end(brokers: str, topic: str) -> list[Message]:
    """All that lies on a topic now; of a partition in its order."""
    consumer = Consumer(clients.consumer(brokers, f"{topic}-look"))
    numbers = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    parts = [TopicPartition(topic, number, 0) for number in numbers]
    wanted = sum(consumer.get_watermark_offsets(part, timeout=10)[1] for part in parts)
    consumer.assign(parts)
    found: list[Message] = []

    def is_read() -> bool:
        found.extend(consumer.consume(1000, 0.1))
        return len(found) >= wanted

    wait_until(is_read, f"{topic} is read to its end")
    consumer.close()
    return found


def _assert_replayed(stage: Stage) -> None:
    """A letter that is replayed comes back to the handler, and dies there once more."""
    with stage.sessions.begin() as session:
        unknown = next(one for one in dead_letters.list(session).items if UNKNOWN in one.reason)
        dead_letters.replay(session, unknown.id)

    def has_died_again() -> bool:
        with stage.sessions() as session:
            return any(one.count == 2 for one in dead_letters.list(session).items)

    wait_until(has_died_again, "the replayed letter is back")
