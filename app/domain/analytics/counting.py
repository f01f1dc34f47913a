"""Counts runs into a book, one by one.

A fold: the same runs in the same order leave the same book and show the same things. The clock is
that of the runs, never that of whoever counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.analytics import anomalies, fingerprints, flakiness, verdicts
from app.domain.analytics.anomalies import Measure
from app.domain.analytics.book import Book, Check, Operation
from app.domain.analytics.facts import CaseFacts, Change, CheckFacts, RunFacts
from app.domain.analytics.flakiness import Quarantine
from app.domain.analytics.found import Confined, Finding, Found, Strange
from app.domain.analytics.symptoms import Symptoms
from app.domain.analytics.track import Mark, Streak, Track
from app.domain.outcomes import Outcome


def count(book: Book, run: RunFacts) -> Found:
    """Count a run in, and say what it showed."""
    found = Found()
    answered = sum(case.was_answered for case in run.cases)
    for case in run.cases:
        others_were_answered = answered > case.was_answered
        _CaseOfRun(book, run, case, found, others_were_answered).count()
    if run.is_whole:
        _count_suite(book, run, found)
    return found


def _count_suite(book: Book, run: RunFacts, found: Found) -> None:
    checks = [check for case in run.cases for check in case.checks]
    mark = _mark(run, run.duration_seconds, checks)
    seen = anomalies.in_run(book.suite.window, mark)
    found.strange.extend(Strange("", "", each) for each in seen)
    book.suite = book.suite.after(run.run_id, mark)
    book.last_run_id = run.run_id
    book.retire_operations([case.operation for case in run.cases])


def _mark(run: RunFacts, seconds: float, checks: Iterable[CheckFacts]) -> Mark:
    """Several checks as one; those that are red in quarantine do not count."""
    decided = [
        each
        for each in checks
        if each.outcome is not Outcome.SKIPPED and not (each.is_red and each.is_quarantined)
    ]
    passed = sum(not each.is_red for each in decided)
    shaky = any(one.is_shaky for one in decided)
    return Mark(run.at, passed, len(decided), seconds, is_shaky=shaky, place=run.place)


@dataclass(frozen=True, slots=True)
class _CaseOfRun:
    """One case of one run, counted into the book."""

    book: Book
    run: RunFacts
    case: CaseFacts
    found: Found
    others_were_answered: bool

    def count(self) -> None:
        known = self.book.operations.get(self.case.operation, Operation()).track
        mark = _mark(self.run, self.case.duration_seconds, self.case.checks)
        is_slow = self._compare(known, mark, check="")
        after = known.after(self.run.run_id, mark, self.case.script)
        for check in self.case.checks:
            if not check.check:
                self._count_broken(check, known, after)
            elif check.outcome is not Outcome.SKIPPED:
                self._count_check(check, is_slow=is_slow)
        self.book.enter_operation(self.case.operation, Operation(after, self.run.run_id))
        if not self.case.is_broken:
            there = [check.check for check in self.case.checks]
            self.book.retire_checks(self.case.operation, there)

    def _compare(self, known: Track, mark: Mark, check: str) -> bool:
        """Note what is unusual; whether it took too long."""
        seen = list(anomalies.in_run(known.window, mark))
        self.found.strange.extend(Strange(self.case.operation, check, each) for each in seen)
        return any(each.measure is Measure.DURATION for each in seen)

    def _count_broken(self, check: CheckFacts, known: Track, after: Track) -> None:
        """The module itself broke: what is known of its operation is what is known of it.

        It is a check without a name, which is retired as soon as the module works again.
        """
        mark = Mark(self.run.at, 0, 1, check.duration_seconds)
        self.found.freshness[known.freshness_of(mark)] += 1
        found = self._find(check, known, mark, flaky="")
        now = Check(after, self.run.run_id, check.outcome, check.result_id, found)
        self.book.enter_check(self.case.operation, "", now)

    def _count_check(self, check: CheckFacts, *, is_slow: bool) -> None:
        known = self.book.checks_of(self.case.operation).get(check.check, Check())
        seconds = check.duration_seconds
        mark = Mark(
            self.run.at,
            int(not check.is_red),
            1,
            seconds,
            is_shaky=check.is_shaky,
            place=self.run.place,
        )
        if not is_slow:
            # Where the whole case was slow, that says it all.
            self._compare(known.track, mark, check.check)
        after = known.track.after(self.run.run_id, mark, self.case.script)
        quarantine = self._confine(check, known.quarantine, after)
        self.found.freshness[known.track.freshness_of(mark)] += 1
        fingerprint = ""
        if check.is_red:
            flaky = self._why_flaky(known.quarantine, quarantine, after)
            fingerprint = self._find(check, known.track, mark, flaky=flaky)
        now = Check(
            after,
            self.run.run_id,
            check.outcome,
            check.result_id if check.is_red else None,
            fingerprint,
            quarantine,
        )
        self.book.enter_check(self.case.operation, check.check, now)

    def _confine(
        self, check: CheckFacts, known: Quarantine | None, after: Track
    ) -> Quarantine | None:
        around = self.book.around
        quarantine = flakiness.quarantine(
            known,
            after.window,
            at=self.run.at,
            days=around.quarantine_days,
            lifts=around.lifts.get((self.case.operation, check.check), ()),
        )
        if quarantine is not None and quarantine != known:
            self.found.confined.append(Confined(self.case.operation, check.check, quarantine))
        return quarantine

    def _why_flaky(self, known: Quarantine | None, now: Quarantine | None, after: Track) -> str:
        if now is not None and now.holds(self.run.at):
            return now.reason
        return flakiness.why_flaky(flakiness.fresh(known, after.window))

    def _find(self, check: CheckFacts, known: Track, mark: Mark, *, flaky: str) -> str:
        good = known.last_good
        symptoms = Symptoms(
            outcome=check.outcome,
            check=check.check,
            message=check.message,
            asked=check.asked,
            reruns=check.reruns,
            flaky=flaky,
            last_good_at=good.at if good else None,
            described_anew=self._change_since(good.at) if good else None,
            is_rewritten=good is not None and good.script != self.case.script,
            is_elsewhere=known.good_place not in {None, self.run.place},
            others_were_answered=self.others_were_answered,
        )
        fingerprint = fingerprints.of(check.message, symptoms.decisive)
        self.found.findings.append(
            Finding(
                check.result_id,
                self.case.operation,
                check.check,
                verdicts.of(symptoms),
                fingerprint,
                fingerprints.title(check.message),
                known.freshness_of(mark),
                known.streak or Streak(self.run.run_id, self.run.at),
                good,
            )
        )
        return fingerprint

    def _change_since(self, good: dt.datetime) -> Change | None:
        changes: Sequence[Change] = self.book.around.changes.get(self.case.operation, ())
        since = [each for each in changes if good < each.at <= self.run.at]
        return since[-1] if since else None
