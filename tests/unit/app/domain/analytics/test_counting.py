"""Runs, counted into the book of a suite."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from app.domain.analytics import counting
from app.domain.analytics.book import Book, Surroundings
from app.domain.analytics.facts import CaseFacts, Change, CheckFacts, RunFacts
from app.domain.analytics.found import Found
from app.domain.analytics.track import Freshness
from app.domain.analytics.verdicts import Cause
from app.domain.outcomes import Outcome
from tests.unit.app.domain.analytics.runs_of import OPERATION, at, check, of_cases, run

AROUND = Surroundings(quarantine_days=1)


def counted(*runs: RunFacts, around: Surroundings = AROUND) -> tuple[Book, list[Found]]:
    book = Book(around)
    return book, [counting.count(book, each) for each in runs]


def of_signs(signs: str, around: Surroundings = AROUND) -> tuple[Book, list[Found]]:
    runs = [run(minute, [check(sign)]) for minute, sign in enumerate(signs)]
    return counted(*runs, around=around)


def test_a_run_is_counted_for_its_checks_their_operation_and_the_suite() -> None:
    book, [found] = counted(run(0, [check("g"), check("r", "test_b"), check("-", "test_c")]))
    assert book.suite.pass_rate == 0.5
    assert book.operations[OPERATION].track.pass_rate == 0.5
    assert book.checks_of(OPERATION).keys() == {"test_a", "test_b"}
    assert book.checks_of(OPERATION)["test_b"].last_outcome is Outcome.FAILED
    assert found.freshness == {Freshness.STEADY: 1, Freshness.NEW: 1}


def test_new_known_and_fixed_are_told_apart() -> None:
    _, found = of_signs("grrg")
    assert [list(each.freshness) for each in found] == [
        [Freshness.STEADY],
        [Freshness.NEW],
        [Freshness.KNOWN],
        [Freshness.FIXED],
    ]
    [finding] = found[2].findings
    assert (finding.since.run_id, finding.last_good and finding.last_good.run_id) == (
        "run-1",
        "run-0",
    )


def test_a_skip_decides_nothing() -> None:
    book, found = of_signs("r-")
    assert book.checks_of(OPERATION)["test_a"].track.runs == 1
    assert not found[1].freshness
    assert not book.checks_of(OPERATION)["test_a"].is_retired


def test_a_part_of_the_suite_says_nothing_of_the_suite() -> None:
    book, _ = counted(run(0, [check("r")], is_whole=False))
    assert book.suite.runs == 0
    assert book.operations[OPERATION].track.runs == 1


def test_a_flaky_check_goes_into_quarantine_and_counts_for_its_operation_no_more() -> None:
    book, found = of_signs("grgr")
    [confined] = found[3].confined
    assert (confined.operation, confined.check) == (OPERATION, "test_a")
    assert found[3].findings[0].verdict.cause is Cause.FLAKE
    assert found[3].findings[0].verdict.reason == confined.quarantine.reason
    red = dataclasses.replace(check("r"), is_quarantined=True)
    later = counting.count(book, run(4, [red, check("g", "test_b")]))
    assert not later.confined
    assert book.suite.window[-1].is_green
    assert book.checks_of(OPERATION)["test_a"].track.streak is not None


def test_without_quarantine_a_flaky_check_still_has_its_verdict() -> None:
    _, found = of_signs("grgr", Surroundings(quarantine_days=0))
    assert not found[3].confined
    assert found[3].findings[0].verdict.cause is Cause.FLAKE


def test_a_lifted_quarantine_is_over() -> None:
    lifts = {(OPERATION, "test_a"): [at(3.5)]}
    book, found = of_signs("grgrg", Surroundings(1, lifts))
    known = book.checks_of(OPERATION)["test_a"].quarantine
    assert known is not None
    assert known.until == at(3.5)
    assert not found[4].confined


def test_a_changed_description_and_a_changed_script_are_evidence() -> None:
    changes = {OPERATION: [Change(2, at(0.5)), Change(3, at(9))]}
    book, _ = counted(run(0, [check("g")]), around=Surroundings(1, {}, changes))
    [finding] = counting.count(book, run(1, [check("r")], script="b")).findings
    assert finding.verdict.cause is Cause.DESCRIPTION
    assert "Version 2" in finding.verdict.reason
    assert {each.cause for each in finding.verdict.evidence} == {
        Cause.DESCRIPTION,
        Cause.TEST,
        Cause.API,
    }


def test_another_base_url_is_evidence_and_makes_nothing_flaky() -> None:
    runs = [
        dataclasses.replace(run(minute, [check(sign)]), place=sign)
        for minute, sign in enumerate("grgrgr")
    ]
    _, found = counted(*runs)
    assert not any(each.confined for each in found)
    evidence = found[5].findings[0].verdict.evidence
    assert [each.cause for each in evidence] == [Cause.API, Cause.ENVIRONMENT]


def test_a_module_that_broke_is_judged_by_its_operation() -> None:
    broken = check("e", "", message="ImportError: x")
    book, found = counted(
        run(0, [check("g")]), run(1, [broken]), run(2, [broken]), run(3, [check("g")])
    )
    assert [each.freshness for each in found[1].findings] == [Freshness.NEW]
    assert [each.freshness for each in found[2].findings] == [Freshness.KNOWN]
    assert found[2].findings[0].since.run_id == "run-1"
    retired = {name: known.is_retired for name, known in book.checks_of(OPERATION).items()}
    assert retired == {"test_a": False, "": True}


def test_a_check_that_is_gone_is_retired_and_may_come_back() -> None:
    book, _ = counted(run(0, [check("r")]), run(1, [check("g", "test_b")]))
    assert book.checks_of(OPERATION)["test_a"].is_retired
    counting.count(book, run(2, [check("g"), check("g", "test_b")]))
    assert not book.checks_of(OPERATION)["test_a"].is_retired


def test_an_operation_that_a_whole_run_lacks_is_retired() -> None:
    book, _ = counted(run(0, [check("r")]), run(1, [check("g")], operation="GET /toys"))
    assert book.operations[OPERATION].is_retired
    assert book.checks_of(OPERATION)["test_a"].is_retired
    assert not book.operations["GET /toys"].is_retired
    book.changed_operations.clear()
    counting.count(book, run(2, [check("g")], operation="GET /toys"))
    assert book.changed_operations == {"GET /toys"}


def test_what_is_slow_is_told_once_for_the_whole_and_not_for_each_part() -> None:
    usual = [run(minute, [check("g")]) for minute in range(10)]
    slow = run(10, [check("g", seconds=9.0)], seconds=9.0)
    _, found = counted(*usual, slow)
    assert [(each.operation, each.check) for each in found[10].strange] == [
        (OPERATION, ""),
        ("", ""),
    ]
    alone = run(10, [check("g", seconds=9.0)])
    _, found = counted(*usual, alone)
    assert [(each.operation, each.check) for each in found[10].strange] == [(OPERATION, "test_a")]


def test_whether_others_were_answered_is_about_the_other_cases() -> None:
    """A request that hangs is the API's fault where the API answers others."""
    message = "TargetError: GET http://a/ got no answer: http://a did not answer within 30 s"
    hanging = CaseFacts("GET /slow", "a", 1.0, [check("e", message=message)], was_answered=False)
    answered = CaseFacts("GET /fast", "a", 1.0, [check("g")])
    _, [alone, beside] = counted(of_cases(0, [hanging]), of_cases(1, [hanging, answered]))
    assert alone.findings[0].verdict.cause is Cause.ENVIRONMENT
    assert beside.findings[0].verdict.cause is Cause.API


CHECKS = st.dictionaries(st.sampled_from(["test_a", "test_b", ""]), st.sampled_from("grse-"))


def _runs(shapes: Sequence[dict[str, str]]) -> list[RunFacts]:
    return [run(minute, _checks(shape)) for minute, shape in enumerate(shapes)]


def _checks(shape: dict[str, str]) -> list[CheckFacts]:
    return [check(sign if name else "e", name) for name, sign in sorted(shape.items())]


@given(st.lists(CHECKS, max_size=12))
def test_the_same_runs_make_the_same_book(shapes: list[dict[str, str]]) -> None:
    one, found = counted(*_runs(shapes))
    other, again = counted(*_runs(shapes))
    assert found == again
    assert (one.suite, one.operations, one.checks) == (other.suite, other.operations, other.checks)


@given(st.lists(CHECKS, max_size=12))
def test_what_is_red_has_a_verdict_and_nothing_else_has(shapes: list[dict[str, str]]) -> None:
    _, found = counted(*_runs(shapes))
    for shape, showed in zip(shapes, found, strict=True):
        red = {name for name, sign in shape.items() if sign in "rse" or not name}
        assert {each.check for each in showed.findings} == red
        assert sum(showed.freshness[each] for each in Freshness if each.is_red) == len(red)


def test_a_change_before_the_last_good_run_is_no_evidence() -> None:
    changes = {OPERATION: [Change(2, at(0) - dt.timedelta(days=1))]}
    book, _ = counted(run(0, [check("g")]), around=Surroundings(1, {}, changes))
    [finding] = counting.count(book, run(1, [check("r")])).findings
    assert finding.verdict.cause is Cause.API
