"""Finished runs, counted into the tables."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Outcome
from app.domain.results import CaseFinished
from app.messages import events
from app.messages.events import Noticed
from app.models import (
    Anomaly,
    CheckStatistic,
    CoverageCell,
    FailureGroup,
    OperationStatistic,
    OutboxMessage,
    QuarantineLift,
    Run,
    Suite,
    SuiteStatistic,
    Verdict,
)
from app.models.base import Base, new_id
from app.services import descriptions, results, runs, versions
from app.services.analytics import counting, findings
from app.settings import Settings
from tests.factories import histories, rows
from tests.factories.histories import at
from tests.waiting import wait_until

KEY = ("GET /pets-1", "test_a")


def count(session: Session, runs_: Sequence[Run], settings: Settings) -> list[int]:
    session.expire_all()
    return [counting.count(session, run.id, settings=settings) for run in runs_]


def known(session: Session, suite: Suite, key: tuple[str, str] = KEY) -> CheckStatistic:
    session.expire_all()
    found = session.get(CheckStatistic, (suite.id, *key))
    assert found is not None
    return found


def tables(session: Session, suite: Suite) -> dict[str, list[Any]]:
    """Everything that is made from a suite's runs."""
    session.expire_all()
    found: dict[str, list[Any]] = {}
    kinds: list[type[Base]] = [*findings.DERIVED, SuiteStatistic]
    for kind in kinds:
        table = kind.__table__
        assert isinstance(table, Table)
        chosen = select(table).where(table.c.suite_id == suite.id)
        found[table.name] = sorted(map(repr, session.execute(chosen).all()))
    counted = select(Run.id, Run.new_red, Run.known_red, Run.fixed).where(Run.suite_id == suite.id)
    found["runs"] = sorted(map(repr, session.execute(counted).all()))
    return found


def noticed(session: Session) -> list[Noticed]:
    found = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    read = [events.read(row.type, row.body) for row in found if row.type.startswith("testops.")]
    return [event for event in read if isinstance(event, Noticed)]


def test_a_run_is_counted_in(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    run = histories.finished(session, suite, policy, 0, {"test_a": "g", "test_b": "r"})
    assert count(session, [run], policy) == [1]
    green, red = known(session, suite), known(session, suite, (KEY[0], "test_b"))
    assert (green.runs, green.passed, green.pass_rate) == (1, 1, 1.0)
    assert (green.last_passed_at, green.failing_since, green.last_result_id) == (at(0), None, None)
    assert (red.runs, red.passed, red.last_outcome) == (1, 0, "failed")
    assert (red.failing_since_run_id, red.failing_since) == (run.id, at(0))
    operation = session.get(OperationStatistic, (suite.id, KEY[0]))
    whole = session.get(SuiteStatistic, suite.id)
    assert operation is not None
    assert whole is not None
    assert (operation.pass_rate, whole.pass_rate, whole.p95_seconds) == (0.5, 0.5, 1.0)
    assert (run.new_red, run.known_red, run.fixed) == (1, 0, 0)


def test_a_run_is_counted_once_however_often_it_is_told(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    made = histories.history(session, suite, policy, "gr")
    # The first event finds both runs ended: both are counted, in their order.
    assert count(session, [*made, *made], policy) == [2, 0, 0, 0]
    assert known(session, suite).runs == 2
    group = session.scalars(select(FailureGroup)).one()
    assert (group.results, group.runs, group.title) == (
        1,
        1,
        "answered 500 Internal Server Error: expected a success (2xx).",
    )


def test_a_streak_of_red_keeps_its_first_run(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    green, first, second = histories.history(session, suite, policy, "gre")
    for run in (green, first, second):
        count(session, [run], policy)
    red = known(session, suite)
    assert (red.runs, red.passed, red.last_outcome) == (3, 1, "errored")
    assert (red.failing_since_run_id, red.failing_since) == (first.id, at(1))
    assert (red.last_passed_run_id, red.last_passed_at) == (green.id, at(0))
    assert red.last_run_id == second.id
    verdict = session.get(Verdict, red.last_result_id)
    assert verdict is not None
    assert (verdict.freshness, verdict.since_run_id) == ("known", first.id)
    assert verdict.last_good_run_id == green.id


def test_the_order_of_events_does_not_matter(session: Session, policy: Settings) -> None:
    """What is counted late has the suite counted anew; nothing differs in the end."""
    suite = rows.suite(session, policy, cases=2)
    made = histories.history(session, suite, policy, "grsgr-gg")
    counting.count(session, made[0].id, settings=policy)
    wanted = tables(session, suite)
    for run in made:
        run.analysed_at = None
    session.flush()
    shuffled = random.Random(7).sample(made, len(made))  # noqa: S311 - an order, no secret
    for run in shuffled:
        hidden = [other for other in made if other.analysed_at is None and other is not run]
        moments = {other.id: other.finished_at for other in hidden}
        for other in hidden:
            # Its transaction has not committed yet, as far as this one knows.
            other.finished_at = None
        session.flush()
        counting.count(session, run.id, settings=policy)
        session.expire_all()
        for other in hidden:
            other.finished_at = moments[other.id]
        session.flush()
    assert tables(session, suite) == wanted


def test_a_rebuild_comes_to_the_same(session: Session, policy: Settings) -> None:
    """With all there is: flaky checks, a lifted quarantine, changed descriptions, anomalies."""
    suite = rows.suite(session, policy, cases=2)
    for minute, sign in enumerate("grgrgggggggggr"):
        exchange = histories.exchange("/pets-1?limit=3", 500 if sign == "r" else 200)
        run = histories.finished(
            session, suite, policy, minute, {"test_a": sign}, exchanges=[exchange]
        )
        count(session, [run], policy)
        if minute == 3:
            assert known(session, suite).quarantined_until is not None
        if minute == 5:
            lift(session, suite, at(5.5))
        if minute == 12:
            newer = descriptions.read_bytes(rows.document(3))
            version = versions.take(session, suite.api_description_id, newer)
            version.created_at = at(12.5)
    last = known(session, suite)
    assert last.quarantined_until == at(5.5)
    wanted = tables(session, suite)
    assert all(wanted[name] for name in ("verdicts", "failure_groups", "coverage_cells"))
    messages = len(noticed(session))
    assert counting.rebuild(session, suite.id, settings=policy) == 14
    assert tables(session, suite) == wanted
    assert len(noticed(session)) == messages


def lift(session: Session, suite: Suite, moment: dt.datetime) -> None:
    for operation in ("GET /pets-1", "GET /pets-2"):
        found = known(session, suite, (operation, "test_a"))
        session.add(
            QuarantineLift(
                id=new_id(),
                suite_id=suite.id,
                operation=operation,
                check="test_a",
                created_at=moment,
            )
        )
        found.quarantined_until = moment
        session.flush()


def test_an_empty_suite_is_rebuilt_to_nothing(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    assert counting.rebuild(session, suite.id, settings=policy) == 0
    found = session.get(SuiteStatistic, suite.id)
    assert found is not None
    assert found.counted_until is None


def test_a_run_of_one_case_is_counted_for_it_alone(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=2)
    count(session, histories.history(session, suite, policy, "g"), policy)
    case_id = rows.case_ids(session, session.scalars(select(Run.id)).one())[0]
    run = runs.start_case(session, case_id, settings=policy)
    histories.end(session, run, case_id, histories.check(case_id, "r"))
    count(session, [histories.place(session, run, 1)], policy)
    assert known(session, suite).last_outcome == "failed"
    other = known(session, suite, ("GET /pets-2", "test_a"))
    assert (other.runs, other.is_retired) == (1, False)
    found = session.get(SuiteStatistic, suite.id)
    assert found is not None
    assert (found.runs, found.counted_run_id) == (1, run.id)


def test_of_a_cancelled_run_the_finished_cases_are_counted(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy, cases=2)
    run = runs.start(session, suite.id, settings=policy)
    case_id = rows.case_ids(session, run.id)[0]
    histories.end(session, run, case_id, histories.check(case_id, "g"))
    runs.cancel(session, run.id)
    session.refresh(run)
    run.started_at = None
    session.flush()
    count(session, [run], policy)
    assert known(session, suite).runs == 1
    whole = session.get(SuiteStatistic, suite.id)
    assert whole is not None
    assert whole.runs == 0


def test_a_case_that_broke_is_red_as_a_whole(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    run = runs.start(session, suite.id, settings=policy)
    [case_id] = rows.case_ids(session, run.id)
    broken = CaseFinished(case_id, Outcome.ERRORED, "ImportError: x")
    results.apply(session, [rows.reported(run.id, broken)])
    count(session, [histories.place(session, run, 0)], policy)
    broken_module = known(session, suite, (KEY[0], ""))
    assert (broken_module.last_outcome, broken_module.failing_since) == ("errored", at(0))
    verdict = session.scalars(select(Verdict)).one()
    assert (verdict.check, verdict.cause) == ("", "test")


def test_what_has_not_ended_or_is_not_there_is_not_counted(
    session: Session, policy: Settings
) -> None:
    run = rows.run(session, policy)
    for run_id in (run.id, new_id(), "\x00"):
        assert counting.count(session, run_id, settings=policy) == 0


def test_what_is_flaky_goes_into_quarantine_and_people_are_told_once(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy, cases=7)
    count(session, histories.history(session, suite, policy, "grgr"), policy)
    found = known(session, suite)
    assert (found.quarantined_at, found.quarantined_until) == (
        at(3),
        at(3) + dt.timedelta(days=14),
    )
    [told] = noticed(session)
    assert (told.kind, told.title) == ("flaky", "7 flaky checks in quarantine")
    assert "GET /pets-1 test_a: Its outcome changed 3 times" in told.text
    assert told.text.splitlines()[-1] == "… and 2 more."


def test_what_is_far_from_usual_is_kept_and_told(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    made = histories.history(session, suite, policy, "g" * 10)
    slow = histories.finished(session, suite, policy, 10, {"test_a": "g"}, seconds=9.0)
    count(session, [*made, slow], policy)
    found = session.scalars(select(Anomaly)).one()
    assert (found.run_id, found.check, found.measure) == (slow.id, "test_a", "duration")
    assert (found.value, found.median, found.sample) == (9.0, 1.0, 10)
    [told] = noticed(session)
    assert (told.kind, told.title, told.run_id) == ("anomaly", "1 anomaly", slow.id)
    assert told.text.startswith("GET /pets-1 test_a: It took 9.00 s")


def test_requests_cover_operations_statuses_and_parameters(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy, cases=1)
    asked = [
        histories.exchange("/pets-1?limit=3"),
        histories.exchange("/pets-1", 404),
        histories.exchange("/pets-1", None, error="away"),
    ]
    for minute in range(2):
        run = histories.finished(session, suite, policy, minute, {"a": "g"}, exchanges=asked)
        count(session, [run], policy)
    cells = session.execute(
        select(CoverageCell.status, CoverageCell.parameter, CoverageCell.requests).order_by(
            CoverageCell.status, CoverageCell.parameter
        )
    ).all()
    assert [tuple(cell) for cell in cells] == [
        (200, "", 2),
        (200, "query limit", 2),
        (404, "", 2),
    ]


def test_of_several_processes_one_counts_a_run(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    """The other one waits for the suite, and then finds nothing left to count."""
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        [run] = histories.history(session, suite, settings, "g")

    def count_too() -> int:
        with sessions.begin() as other:
            return counting.count(other, run.id, settings=settings)

    waits = select(func.count()).select_from(text("pg_locks")).where(text("NOT granted"))
    with ThreadPoolExecutor(1) as pool, sessions() as session:
        assert counting.count(session, run.id, settings=settings) == 1
        second = pool.submit(count_too)
        with sessions() as watcher:
            wait_until(lambda: watcher.scalar(waits) == 1, "the other to wait")
        session.commit()
        assert second.result() == 0


def test_a_table_that_is_derived_has_a_suite() -> None:
    assert all("suite_id" in kind.__table__.columns for kind in findings.DERIVED)


@pytest.mark.parametrize("amount", [1, 2])
def test_anomalies_are_counted_in_words(session: Session, policy: Settings, amount: int) -> None:
    suite = rows.suite(session, policy, cases=amount)
    made = histories.history(session, suite, policy, "g" * 10)
    slow = histories.finished(session, suite, policy, 10, {"test_a": "g"}, seconds=9.0)
    count(session, [*made, slow], policy)
    [told] = noticed(session)
    assert told.title == ("1 anomaly" if amount == 1 else "2 anomalies")
