"""What happened to each check, step by step, from what everybody has written down meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from confluent_kafka import Consumer, TopicPartition
from sqlalchemy import Float, cast, func, select, text
from sqlalchemy.orm import Session

from app.domain.outcomes import Outcome
from app.domain.results import CheckFinished
from app.messages import topics
from app.messages.events import Reported
from app.models.result import Result
from bench.progress import suite
from bench.progress.page import Seen
from bench.progress.platform import Platform
from bridge.kafka import clients, records

_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Check:
    """When a check was where, in seconds since the epoch."""

    #: It had its answer; a pass is none before that of the last check of its case.
    answered: float
    #: The runner told of it.
    published: float
    #: A transaction to write it began, and was committed.
    begun: float
    committed: float
    #: The page was told that there is something, and had it.
    told: float
    shown: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _Row:
    """A result as it was written."""

    id: str
    case_id: str
    operation: str
    check: str
    outcome: str
    begun: float
    committed: float


def of_run(platform: Platform, seen: Seen) -> list[Check]:
    """The checks of a run that were answered after its page was told something for the first time.

    Before that the page was being opened.
    """
    answered = _answered(platform)
    published = _published(platform, seen.run_id)
    with platform.sessions() as session:
        found = [_check(row, seen, answered, published) for row in _rows(session, seen.run_id)]
    return [check for check in found if check.answered > seen.told[0]]


def _check(
    row: _Row, seen: Seen, answered: Mapping[str, float], published: Mapping[tuple[str, str], float]
) -> Check:
    outcome = Outcome(row.outcome)
    last = f"test_thing_{suite.CHECKS}" if outcome is Outcome.PASSED else row.check
    shown = seen.shown[row.id]
    return Check(
        answered=answered[suite.asked_for(row.operation, last)],
        published=published[row.case_id, row.check],
        begun=row.begun,
        committed=row.committed,
        # What is shown because of something else needs not be told any more.
        told=min(next((told for told in seen.told if told > row.committed), shown), shown),
        shown=shown,
        outcome=outcome,
    )


def _answered(platform: Platform) -> dict[str, float]:
    """When which path was answered last."""
    lines = (line.split() for line in platform.notes.read_text().splitlines())
    return {path: float(moment) for path, moment in lines}


def _published(platform: Platform, run_id: str) -> dict[tuple[str, str], float]:
    """When the runner told of which check of a case, to a millisecond."""
    found: dict[tuple[str, str], float] = {}
    consumer = Consumer(clients.consumer(platform.brokers, "bench-progress"))
    topic = topics.TEST_RESULTS
    places = [TopicPartition(topic.name, number, 0) for number in range(topic.partitions)]
    left = sum(consumer.get_watermark_offsets(place, timeout=_SECONDS)[1] for place in places)
    consumer.assign(places)
    for record in consumer.consume(left, _SECONDS):
        reported = records.read(record).event
        if isinstance(reported, Reported) and reported.run_id == run_id:
            event = reported.event
            if isinstance(event, CheckFinished):
                found[event.case_id, event.check] = record.timestamp()[1] / 1000
    consumer.close()
    return found


def _rows(session: Session, run_id: str) -> Iterator[_Row]:
    commits = func.pg_xact_commit_timestamp(text("results.xmin"))
    columns = (Result.id, Result.case_id, Result.operation, Result.check, Result.outcome)
    moments = (func.extract("epoch", moment) for moment in (Result.created_at, commits))
    begun, committed = (cast(moment, Float) for moment in moments)
    for row in session.execute(select(*columns, begun, committed).where(Result.run_id == run_id)):
        yield _Row(*row)
