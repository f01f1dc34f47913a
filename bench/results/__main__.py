"""`make bench-results`: what runners report into the database, against a plain COPY of the same.

The handler gets what its consumer loop hands over: batches of at most 500 messages, read from their
JSON here too, as Kafka is left out. Every check has its HTTP exchanges with it. The COPY then
writes the very same rows into the same table with its constraints, in one transaction: no writer
of results can be faster. PostgreSQL is that of `make run`, with its usual durability.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import click
import psycopg2
from sqlalchemy.orm import Session, sessionmaker

from app import database
from app.domain.outcomes import Outcome
from app.domain.results import (
    CaseFinished,
    CaseStarted,
    CheckFinished,
    CheckStarted,
    Event,
    Exchange,
    Message,
    Timings,
)
from app.messages import events
from app.messages.events import Envelope
from app.services import runs
from app.settings import Settings
from bench.figures import Goal, Measure
from bridge.handlers.results import ResultsHandler
from bridge.kafka.membership import Pace
from bridge.kafka.records import Received
from tests import database_fixtures
from tests.factories import rows

RATE = "checks a second"
OURS, LIMIT = "bridge-results", "COPY"
RUNS = 10
GOALS = (Goal(RATE, OURS, None, at_least=1000.0),)


@click.command()
@click.option("--rounds", default=3, show_default=True, help="How often each contestant runs.")
@click.option("--cases", default=1000, show_default=True, help="In ten runs that go on at once.")
@click.option("--checks", default=10, show_default=True, help="Of each case.")
@click.option("--exchanges", default=2, show_default=True, help="Of each check.")
@click.option("--body", default=1000, show_default=True, help="Characters of each body.")
def main(rounds: int, cases: int, checks: int, exchanges: int, body: int) -> None:
    """Measure and compare."""
    work = Work(cases // RUNS, checks, _some(exchanges, body))
    measure = Measure(RATE, "1/s")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        server = database_fixtures.Postgres(Path(folder), ())
        try:
            for number in range(rounds):
                click.echo(f"round {number + 1} of {rounds}")
                _round(server.url(server.create()), work, measure)
        finally:
            server.admin.dispose()
            server.server.cleanup()
    click.echo(f"\n{measure.table((OURS,))}\n")
    click.echo("\n".join(goal.verdict({RATE: measure}) for goal in GOALS))


@dataclass(frozen=True, slots=True)
class Work:
    """What is told: of ten runs at once, so many cases of so many checks each."""

    cases: int
    checks: int
    exchanges: tuple[Exchange, ...]

    @property
    def results(self) -> int:
        """Checks in all."""
        return RUNS * self.cases * self.checks


def _round(url: str, work: Work, measure: Measure) -> None:
    settings = database_fixtures.settings_for(url)
    engine = database.engine_of(settings)
    sessions = database.sessions(engine)
    told = list(_told(sessions, settings, work))
    measure.add(OURS, work.results / _timed(lambda: _handle(sessions, settings, told)))
    engine.dispose()
    measure.add(LIMIT, work.results / _copied(settings))


def _some(count: int, size: int) -> tuple[Exchange, ...]:
    headers = tuple((f"X-Header-{number}", "a value of some length") for number in range(8))
    message = Message(headers, ('{"name": "Ada"}, ' * size)[:size])
    url = "http://api.test/pets/1?with=all"
    one = Exchange("POST", url, message, 200, message, 0.05, timings=Timings(first_byte=0.04))
    return (one,) * count


def _told(sessions: sessionmaker[Session], settings: Settings, work: Work) -> Iterator[Envelope]:
    """What runners tell of ten runs, case by case in turn."""
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=work.cases)
        started = [runs.start(session, suite.id, settings=settings).id for _ in range(RUNS)]
        case_ids = rows.case_ids(session, started[0])
    for case_id in case_ids:
        for run_id in started:
            for event in _case(case_id, work):
                yield events.wrap(rows.reported(run_id, event), event_id="e", key=run_id)


def _case(case_id: str, work: Work) -> Iterator[Event]:
    yield CaseStarted(case_id)
    for number in range(work.checks):
        name = f"test_{number}"
        yield CheckStarted(case_id, name)
        yield CheckFinished(
            case_id, name, Outcome.PASSED, intent="It is.", exchanges=work.exchanges
        )
    yield CaseFinished(case_id, Outcome.PASSED)


def _handle(sessions: sessionmaker[Session], settings: Settings, told: Sequence[Envelope]) -> None:
    handler = ResultsHandler(sessions, settings)
    left = iter(told)
    while batch := list(islice(left, Pace().batch_size)):
        handler.handle([_received(envelope) for envelope in batch])


def _received(envelope: Envelope) -> Received:
    event = events.read(envelope.type, envelope.body)
    return Received(envelope.id, envelope.key, event, "test_results", 0, 0)


def _copied(settings: Settings) -> float:
    """Write what is in the table once more; in seconds."""
    connection = psycopg2.connect(settings.database_url.get_secret_value())
    text = io.BytesIO()
    with connection, connection.cursor() as cursor:
        cursor.copy_expert("COPY results TO STDOUT", text)
        # With what was made of them: nothing else may hold on to rows of the table.
        cursor.execute("TRUNCATE results CASCADE")

    def copy() -> None:
        text.seek(0)
        with connection, connection.cursor() as cursor:
            cursor.copy_expert("COPY results FROM STDIN", text)

    seconds = _timed(copy)
    connection.close()
    return seconds


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
