"""The whole path on real parts: PostgreSQL, a broker, and every process on its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest
from celery import Celery
from confluent_kafka import Consumer, TopicPartition
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app import database
from app.domain import redaction
from app.domain.outcomes import Outcome, Status
from app.messages.commands import shard_task_id
from app.messages.topics import TEST_RUN_QUEUE
from app.models.base import Base
from app.models.check_statistic import CheckStatistic
from app.models.news import News
from app.models.result import Result
from app.models.run import Run
from app.models.run_shard import RunShard
from app.services import descriptions, generations, outbox, runs, suites
from app.settings import Settings
from bridge import transport
from bridge.kafka import clients
from tests import database_fixtures, kafka_fixtures
from tests.database_fixtures import Postgres
from tests.factories import rows
from tests.integration.greetings import (
    ASKING_SCRIPT,
    DESCRIPTION,
    HANGING_SCRIPT,
    HANGS,
    HEADER,
    PASSWORD,
    SLOW_SCRIPT,
    TELLING_SCRIPT,
    Greetings,
    serving,
)
from tests.processes import SECRET, Processes, Running
from tests.waiting import wait_until

pytestmark = pytest.mark.xdist_group("flow")

SETTINGS = {"shard_size": 3, "case_seconds": 20.0, "stale_after_seconds": 30.0}


@pytest.fixture(scope="module")
def greetings() -> Iterator[str]:
    """Address of the tested API."""
    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def settings(postgres: Postgres) -> Iterator[Settings]:
    name = postgres.create()
    yield database_fixtures.settings_for(postgres.url(name), secret_key=SECRET, **SETTINGS)
    postgres.drop(name)


@pytest.fixture(scope="module")
def sessions(settings: Settings) -> Iterator[sessionmaker[Session]]:
    engine = database.engine_of(settings)
    yield database.sessions(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def processes(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    folder = tmp_path_factory.mktemp("flow")
    with kafka_fixtures.embedded(folder) as brokers:
        made = Processes(
            folder,
            database_url=settings.database_url.get_secret_value(),
            brokers=brokers,
            topic_creation="auto",
            settings={
                "TESTOPS_REAP_EVERY_SECONDS": "0.5",
                **{f"TESTOPS_{name.upper()}": str(value) for name, value in SETTINGS.items()},
            },
        )
        yield made
        made.stop()


@pytest.fixture(scope="module")
def platform(processes: Processes) -> Processes:
    """The processes that no test kills."""
    started = [
        processes.bridge("results", "notifications", "analytics"),
        processes.generator(),
        processes.scheduler(),
    ]
    for running in started:
        running.wait_ready()
    return processes


@pytest.fixture
def relay(platform: Processes) -> Iterator[Running]:
    """The relay, for one test."""
    running = platform.bridge("relay")
    yield running
    running.stop()


@pytest.fixture
def runner(platform: Processes) -> Iterator[Running]:
    """A runner, for one test."""
    running = platform.runner()
    yield running
    running.stop()


@dataclass(frozen=True, slots=True)
class Bench:
    """A suite, and what the tests do with it and see of it."""

    sessions: sessionmaker[Session]
    settings: Settings
    suite_id: str

    def add_slow_cases(self, count: int, script: str = SLOW_SCRIPT) -> None:
        with self.sessions.begin() as session:
            for number in range(count):
                self._add_case(session, number, script.format(number=number))

    def _add_case(self, session: Session, number: int, script: str) -> None:
        suite = suites.get(session, self.suite_id)
        operation = f"GET /greetings/{{name}} {number}"
        rows.case(session, suite, operation, script=script, generated_script=script)

    def add_hanging_cases(self) -> None:
        with self.sessions.begin() as session:
            for number, hang in enumerate(HANGS):
                self._add_case(session, number, HANGING_SCRIPT.format(hang=hang))

    def start(self, shard_size: int = 3) -> str:
        settings = self.settings.model_copy(update={"shard_size": shard_size})
        with self.sessions.begin() as session:
            return runs.start(session, self.suite_id, settings=settings).id

    def run(self, run_id: str) -> Run:
        with self.sessions() as session:
            return runs.get(session, run_id)

    def wait_finished(self, run_id: str) -> Run:
        wait_until(
            lambda: self.run(run_id).status == Status.FINISHED,
            f"run {run_id} is finished",
            seconds=90,
        )
        return self.run(run_id)

    def attempts(self, run_id: str) -> list[tuple[int, int]]:
        """For each shard: how often it was published, and given back."""
        shards = select(RunShard).where(RunShard.run_id == run_id).order_by(RunShard.number)
        with self.sessions() as session:
            return [(shard.attempt, shard.returned) for shard in session.scalars(shards)]

    def cancel(self, run_id: str) -> None:
        with self.sessions.begin() as session:
            runs.cancel(session, run_id)

    def results(self, run_id: str) -> list[Result]:
        with self.sessions() as session:
            return list(session.scalars(select(Result).where(Result.run_id == run_id)))

    def statistics(self) -> list[tuple[int, int]]:
        """For each check: how often it ran, and passed."""
        with self.sessions() as session:
            known = select(CheckStatistic).where(CheckStatistic.suite_id == self.suite_id)
            return [(one.runs, one.passed) for one in session.scalars(known)]

    def wait_told(self, run_id: str) -> None:
        """Wait until everybody who listens to finished runs has heard of this one, once."""
        notices = select(News.id).where(News.run_id == run_id)

        def is_told() -> bool:
            with self.sessions() as session:
                told = session.scalars(notices).all()
                return len(told) == 1 and runs.get(session, run_id).analysed_at is not None

        wait_until(is_told, f"notification and statistics of run {run_id}")

    def outbox_is_empty(self) -> bool:
        with self.sessions() as session:
            return not outbox.waiting_by_lane(session)

    def assert_each_case_has_one_result(self, run: Run, cases: int) -> None:
        found = self.results(run.id)
        assert set(Counter(result.case_id for result in found).values()) == {1}
        assert {result.outcome for result in found} == {Outcome.PASSED}
        assert len(found) == cases == run.passed == run.cases_finished == run.cases_total
        with self.sessions() as session:
            states = {case.status for case in runs.cases_of(session, run.id)}
        assert states == {Status.FINISHED}


@pytest.fixture
def bench(sessions: sessionmaker[Session], settings: Settings, greetings: str) -> Bench:
    """A suite without cases, of an API that was asked nothing yet."""
    Greetings.asked.clear()
    Greetings.may_answer.set()
    reading = descriptions.read_bytes(json.dumps(DESCRIPTION).encode())
    with sessions.begin() as session:
        description = descriptions.add(session, reading)
        suite = suites.create(
            session,
            description.id,
            name="Greetings",
            base_url=greetings,
            headers={"X-Key": HEADER},
            secrets={"PASSWORD": PASSWORD},
            settings=settings,
        )
        return Bench(sessions, settings, suite.id)


def test_from_a_description_to_results_and_what_follows_from_them(
    bench: Bench, relay: Running, runner: Running
) -> None:
    """Cases are written, executed, recorded with their exchanges, told and counted."""
    with bench.sessions.begin() as session:
        generation_id = generations.request(session, bench.suite_id).id

    def is_written() -> bool:
        with bench.sessions() as session:
            return generations.get(session, generation_id).status == Status.FINISHED

    wait_until(is_written, "the generation is finished")
    run = bench.wait_finished(bench.start())
    assert run.failed == run.errored == 0
    assert run.passed > 0
    success = next(result for result in bench.results(run.id) if result.exchanges)
    assert success.exchanges[0]["url"].endswith("/greetings/Ada")
    assert success.exchanges[0]["status"] == 200
    bench.wait_told(run.id)
    assert set(bench.statistics()) == {(1, 1)}
    wait_until(bench.outbox_is_empty, "the outbox is empty")


def test_what_proves_who_asks_reaches_the_api_and_nothing_else(
    bench: Bench, processes: Processes, relay: Running, runner: Running
) -> None:
    """Neither tables nor topics nor logs, whatever a script and the API do to tell."""
    with bench.sessions.begin() as session:
        suite = suites.get(session, bench.suite_id)
        rows.case(session, suite, "GET /greetings/{name}", script=TELLING_SCRIPT)
    run = bench.wait_finished(bench.start())
    [told] = bench.results(run.id)
    assert told.outcome == Outcome.FAILED
    assert "message testopsSecret" in told.message
    assert "output testopsSecret" in told.output
    assert (HEADER, PASSWORD) in Greetings.proofs
    places = {
        "message testopsSecret": (*stored(bench), *published(processes.brokers)),
        "execute_shard": tuple(processes.logs()),
    }
    # Also where it was escaped more than once.
    spelled = {"sesame", *redaction.spellings(HEADER), *redaction.spellings(PASSWORD)}
    for known, texts in places.items():
        assert any(known in text for text in texts)
        assert [text for text in texts if any(secret in text for secret in spelled)] == []


def stored(bench: Bench) -> Iterator[str]:
    """All rows of all tables."""
    with bench.sessions() as session:
        for table in Base.metadata.sorted_tables:
            yield from session.scalars(text(f"SELECT t::text FROM {table.name} t"))  # noqa: S608 - a name of ours


def published(brokers: str) -> Iterator[str]:
    """All records of all topics, with key and headers."""
    consumer = Consumer(clients.consumer(brokers, "curious"))
    topics = consumer.list_topics(timeout=10).topics.values()
    places = [TopicPartition(each.topic, part, 0) for each in topics for part in each.partitions]
    left = sum(consumer.get_watermark_offsets(place, timeout=10)[1] for place in places)
    consumer.assign(places)
    for _ in range(left):
        record = consumer.poll(20)
        assert record is not None
        yield f"{record.key()!r} {record.headers()!r} {(record.value() or b'').decode()}"
    consumer.close()


def test_runners_that_leave_and_runners_that_die_cost_no_result_and_double_none(
    bench: Bench, platform: Processes, relay: Running, runner: Running
) -> None:
    """One that leaves ends after its running cases, and what it gives back is run at once."""
    bench.add_slow_cases(20, ASKING_SCRIPT)
    Greetings.may_answer.clear()
    runner.wait_ready()
    run_id = bench.start(shard_size=5)
    wait_until(lambda: len(Greetings.asked) == 2, "a case runs in each thread")
    runner.ask_to_end()
    wait_until(lambda: "Warm shutdown" in runner.log.read_text(), "the runner was asked to end")
    Greetings.may_answer.set()
    assert runner.process.wait(40) == 0
    assert len(Greetings.asked) == 2
    successor = platform.runner()
    wait_until(lambda: bench.run(run_id).cases_finished >= 12, "some cases are finished")
    assert set(Counter(Greetings.asked).values()) == {1}
    assert sorted(bench.attempts(run_id)) == [(1, 0), (1, 0), (2, 1), (2, 1)]
    successor.kill()
    assert bench.run(run_id).status == Status.RUNNING
    successor = platform.runner()
    run = bench.wait_finished(run_id)
    successor.stop()
    bench.assert_each_case_has_one_result(run, cases=20)


def test_a_relay_killed_while_it_publishes_loses_nothing_and_doubles_nothing(
    bench: Bench, platform: Processes, runner: Running
) -> None:
    """Also what follows from commands and events that were published twice happens once."""
    bench.add_slow_cases(4)
    run_ids = []
    relay = platform.bridge("relay")
    relay.wait_ready()
    for number in range(8):
        run_ids.append(bench.start())
        if number in {3, 6}:
            relay.kill()
            relay = platform.bridge("relay")
    for run_id in run_ids:
        bench.assert_each_case_has_one_result(bench.wait_finished(run_id), cases=4)
        bench.wait_told(run_id)
    relay.stop()
    assert bench.statistics() == [(8, 8)] * 4


def test_a_cancelled_run_asks_the_api_nothing_more(
    bench: Bench, processes: Processes, relay: Running, runner: Running
) -> None:
    """The shards that runners hold already, or that wait in the queue, are given up unexecuted."""
    bench.add_slow_cases(30, ASKING_SCRIPT)
    runner.wait_ready()
    run_id = bench.start()
    wait_until(lambda: bench.run(run_id).cases_finished >= 2, "some cases are finished")
    bench.cancel(run_id)
    wait_until(lambda: is_done(processes.brokers, TEST_RUN_QUEUE.name), "every shard is given back")
    assert 2 <= len(Greetings.asked) < 30
    assert bench.run(run_id).status == Status.CANCELLED


def test_hanging_cases_end_when_their_run_is_cancelled_or_their_tasks_are_revoked(
    bench: Bench, processes: Processes, relay: Running, runner: Running
) -> None:
    """Revoked cases are recorded, so that nobody runs them again. Both take less than a second."""
    bench.add_hanging_cases()
    runner.wait_ready()
    idle = cases_in(runner)
    run_id = bench.start(shard_size=1)
    wait_until(lambda: len(Greetings.asked) == 2, "both cases hang")
    answer = revoke(processes.brokers, *(shard_task_id(run_id, shard, 1) for shard in (0, 1)))
    assert "ok" in answer
    assert bench.wait_finished(run_id).errored > 0
    reasons = {result.message for result in bench.results(run_id) if not result.check}
    assert reasons == {"The execution was cancelled."}
    run_id = bench.start(shard_size=1)
    wait_until(lambda: len(Greetings.asked) == 4, "both cases hang again")
    bench.cancel(run_id)
    wait_until(lambda: cases_in(runner) == idle, "no case runs", seconds=10)


def revoke(brokers: str, *task_ids: str) -> str:
    """Have tasks revoked as Flower does when asked to terminate them; what the worker says."""
    transport.register()
    options = {"group_id": "flower", "client_id": "flower", "topic_creation": "auto"}
    with Celery("flower", broker=f"kafka://{brokers}", set_as_current=False) as app:
        app.conf.broker_transport_options = options
        answers = app.control.terminate(task_ids, reply=True, limit=1, timeout=20)
    return str(answers)


def cases_in(runner: Running) -> int:
    """How many processes run beneath the runner's warm parent."""
    warm = psutil.Process(runner.process.pid).children()
    return sum(len(parent.children(recursive=True)) for parent in warm)


def is_done(brokers: str, queue: str) -> bool:
    """Whether the runners have acknowledged all that lies in their queue."""
    consumer = Consumer(clients.consumer(brokers, "runner"))
    parts = consumer.list_topics(queue, timeout=10).topics[queue].partitions
    reached = consumer.committed([TopicPartition(queue, part) for part in parts], timeout=10)
    ends = [consumer.get_watermark_offsets(part, timeout=10)[1] for part in reached]
    consumer.close()
    return all(part.offset >= end or end == 0 for part, end in zip(reached, ends, strict=True))
