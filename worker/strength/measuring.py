"""Measures how strong the checks of a case are, by running them against their own recording.

Each check is run with one changed answer at a time. Checks that share nothing are run side by side
in one process, each with its own change; where a fixture is shared, only one answer in all is
changed at a time. A check counts only if it passed when it was recorded and passes again when
nothing is changed.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from app.domain import strength
from app.domain.outcomes import Outcome
from app.domain.plans import PlannedCase, Shard
from app.domain.results import CaseFinished, CheckFinished, CheckStarted, Event, Exchange
from app.domain.strength import CaseStrength, CheckStrength, Fate, Trial
from worker import evidence, promise, syntax
from worker.promise import BrokenModuleError, Promise
from worker.strength import mutations, sampling, writes
from worker.strength.description import Description
from worker.strength.duties import Duties
from worker.strength.sampling import Due
from worker.strength.tape import Tape

#: A check that a changed answer keeps busy for longer has noticed something.
_CHECK_SECONDS = 10.0
#: Kept of what a check says, in characters.
_MESSAGE = 300


def _never() -> bool:
    return False


class Player(Protocol):
    """Runs the checks of a case against their tapes: the engine."""

    def replay(
        self,
        case: PlannedCase,
        shard: Shard,
        tapes: Mapping[str, Tape],
        *,
        cancelled: Callable[[], bool],
    ) -> Iterator[Event]:
        """The events of the case; see `worker.engine.Engine.replay`."""
        ...


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done for one case."""

    #: Changes that are tried for one check; which ones, the seed says.
    most: int
    seed: int
    #: Wall time; what was not tried by then is told to be untried.
    seconds: float


@dataclass(slots=True)
class _Subject:
    """One check under measurement."""

    check: str
    exchanges: Sequence[Exchange]
    due: Sequence[Due] = ()
    #: How many it should have noticed in all.
    wanted: int = 0
    remark: str = ""
    trials: list[Trial] = field(default_factory=list)

    @property
    def left(self) -> Sequence[Due]:
        """What is still to be tried."""
        return self.due[len(self.trials) :]

    def told(self) -> CheckStrength:
        """What is known of it."""
        untried = self.wanted - len(self.trials)
        return CheckStrength(self.check, tuple(self.trials), untried, self.remark)


@dataclass(frozen=True, slots=True)
class Measuring:
    """Measures the cases of one shard; `cancelled` as for `Engine.execute`."""

    player: Player
    shard: Shard
    effort: Effort
    cancelled: Callable[[], bool] = _never
    clock: Callable[[], float] = time.monotonic

    def of(self, case: PlannedCase, recorded: Iterable[Event]) -> CaseStrength:
        """How strong a case is, of which these events were told when it was run."""
        events = list(recorded)
        broken = "".join(each.message for each in events if isinstance(each, CaseFinished))
        try:
            told = promise.read(case.script)
        except BrokenModuleError as error:
            return CaseStrength(case.case_id, case.operation, remark=broken or str(error))
        end = self.clock() + self.effort.seconds
        subjects = list(_subjects(events))
        self._rehearse(case, subjects)
        self._plan(case, told, [subject for subject in subjects if not subject.remark], end)
        is_shared = _shares(case.script)
        while (due := _next(subjects, is_alone=is_shared)) and self._goes_on(end):
            self._try(case, due, subjects if is_shared else due)
        checks = tuple(subject.told() for subject in subjects)
        return CaseStrength(case.case_id, case.operation, checks, broken)

    def _goes_on(self, end: float) -> bool:
        return self.clock() < end and not self.cancelled()

    def _plan(
        self, case: PlannedCase, told: Promise, subjects: Sequence[_Subject], end: float
    ) -> None:
        """Find out what each check should notice, and choose what of it is tried."""
        description = Description.of(self.shard.contract, self.shard.target.base_url)
        for subject in subjects:
            if not self._goes_on(end):
                subject.remark = "There was no time left to try it."
                continue
            groups = told.claims_of(subject.check)
            duties = Duties.of(groups, subject.exchanges, case.operation, description)
            due = [
                (mutation, duty)
                for mutation in _mutations(subject.exchanges)
                if (duty := duties.duty(mutation)) is not None
            ]
            seed = f"{self.effort.seed} {case.case_id} {subject.check}"
            subject.wanted = len(due)
            subject.due = sampling.sample(due, self.effort.most, seed)

    def _rehearse(self, case: PlannedCase, subjects: Sequence[_Subject]) -> None:
        """Leave out the checks that do not pass though nothing is changed."""
        tapes = {each.check: Tape(each.exchanges) for each in subjects}
        ended, broken = self._replayed(case, tapes)
        for subject in subjects:
            finished = ended.get(subject.check)
            if not subject.remark and (finished is None or finished.outcome is not Outcome.PASSED):
                why = _said(finished) or broken or "nothing was told of it"
                why = "there was no time left" if self.cancelled() else why
                off_record = tapes[subject.check].unrecorded
                told = str(off_record[0]) if off_record else why
                subject.remark = f"It could not be replayed: {told}"

    def _try(self, case: PlannedCase, due: Sequence[_Subject], running: Sequence[_Subject]) -> None:
        """Run checks, those that are due each with its next change."""
        tapes = {each.check: Tape(each.exchanges) for each in running}
        for subject in due:
            changed = mutations.mutated(subject.exchanges, subject.left[0][0])
            tapes[subject.check] = Tape(changed)
        ended, broken = self._replayed(case, tapes)
        if self.cancelled():
            # Nothing is known of what was ended half-way.
            return
        for subject in due:
            mutation, duty = subject.left[0]
            finished, tape = ended.get(subject.check), tapes[subject.check]
            fate = _fate(finished, tape, broken)
            outcome = finished.outcome if finished else None
            message = (broken if fate is Fate.UNDECIDED else "") or _said(finished)
            subject.trials.append(Trial(mutation.change, duty, fate, outcome, message[:_MESSAGE]))

    def _replayed(
        self, case: PlannedCase, tapes: Mapping[str, Tape]
    ) -> tuple[dict[str, CheckFinished], str]:
        """How each check ended, and why the case broke; empty where it did not."""
        if not tapes:
            return {}, ""
        limits = replace(
            self.shard.limits,
            check_seconds=min(self.shard.limits.check_seconds, _CHECK_SECONDS),
            requests_per_second=0.0,
        )
        shard = replace(self.shard, limits=limits)
        ended: dict[str, CheckFinished] = {}
        broken = ""
        for event in self.player.replay(case, shard, tapes, cancelled=self.cancelled):
            if isinstance(event, CheckFinished):
                ended[event.check] = event
            elif isinstance(event, CaseFinished):
                broken = event.message
        return ended, broken


def _shares(script: str) -> bool:
    """Whether checks of a module share a fixture, and so what it was answered."""
    functions = (
        node for node in ast.walk(promise.parse(script)) if isinstance(node, ast.FunctionDef)
    )
    return any(syntax.fixture(each) is not None and syntax.is_shared(each) for each in functions)


def _subjects(events: Sequence[Event]) -> Iterator[_Subject]:
    """The checks in the order in which they ran."""
    ended = {event.check: event for event in events if isinstance(event, CheckFinished)}
    begun = dict.fromkeys(event.check for event in events if isinstance(event, CheckStarted))
    for check in begun:
        if (event := ended.get(check)) is not None:
            is_passed = event.outcome is Outcome.PASSED
            remark = "" if is_passed else f"It did not pass when it was recorded: {event.outcome}."
            yield _Subject(check, event.exchanges, remark=remark)


def _mutations(exchanges: Sequence[Exchange]) -> Iterator[mutations.Mutation]:
    for number, exchange in enumerate(exchanges):
        yield from mutations.of_answer(number, exchange, mutations.VOLUME // len(exchanges))
    yield from writes.of_recording(exchanges)


def _next(subjects: Sequence[_Subject], *, is_alone: bool) -> Sequence[_Subject]:
    """The checks with something left to try; only one where they share something."""
    due = [subject for subject in subjects if subject.left]
    return due[:1] if is_alone else due


def _fate(finished: CheckFinished | None, tape: Tape, broken: str) -> Fate:
    if finished is None or (broken and finished.outcome is not Outcome.FAILED):
        return Fate.UNDECIDED
    if finished.message.startswith(evidence.UNBORNE):
        # The engine has noticed it; the check itself had passed.
        return Fate.SURVIVED
    return strength.fate_of(finished.outcome, is_off_record=bool(tape.unrecorded))


def _said(finished: CheckFinished | None) -> str:
    return finished.message.partition("\n")[0] if finished else ""
