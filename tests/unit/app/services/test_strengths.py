"""How strong a case is, is what the run found that measured it last."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy.orm import Session

from app.models.run_case import RunCase
from app.services import browsing, cases, runs, strengths
from app.settings import Settings
from tests.factories import rows


def test_a_case_has_the_strength_that_was_measured_last(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=2)
    weaker = replace(rows.STRENGTH, noticed=0, survived=0, vacuous=0)
    first = rows.measured(session, suite, policy, weaker)
    one, other = rows.case_ids(session, first.id)
    for case_id in (one, other):
        _ended_before(session, rows.run_case(session, first.id, case_id))
    second = rows.measured(session, suite, policy, rows.STRENGTH)
    plain = runs.start(session, suite.id, settings=policy)

    found = strengths.of_cases(session, [one])
    assert found == {one: strengths.Figures(second.id, 6, 2, 1, is_outdated=False)}
    assert found[one].kill_rate == 0.75
    whole = strengths.of_case(session, other)
    assert whole is not None
    assert (whole.run_id, whole.is_outdated) == (second.id, False)
    assert whole.summary == rows.STRENGTH
    assert rows.run_case(session, plain.id, one).strength is None


def test_a_script_that_was_changed_has_the_strength_of_another(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy, cases=2)
    run = rows.measured(session, suite, policy, rows.STRENGTH)
    one, _ = rows.case_ids(session, run.id)
    cases.save(session, one, "x = 1\n")

    lines = browsing.case_lines(session, suite.id).items
    assert [line.strength and line.strength.is_outdated for line in lines] == [True, False]
    whole = strengths.of_case(session, one)
    assert whole is not None
    assert whole.is_outdated


def test_what_was_never_measured_has_no_strength(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    assert strengths.of_cases(session, [case_id]) == {}
    assert strengths.of_case(session, case_id) is None


def _ended_before(session: Session, found: RunCase) -> None:
    """In a test's one transaction all cases end at the same moment."""
    assert found.finished_at is not None
    found.finished_at -= dt.timedelta(hours=1)
    session.flush()
