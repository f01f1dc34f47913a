"""One case from its beginning to its end, told as events.

Where the plan says so, red checks are run again. That never makes a red check green: what came of
it is told along with the outcome that the check had at first.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.domain import grants
from app.domain.outcomes import Outcome
from app.domain.plans import PlannedCase, Shard
from app.domain.redaction import Redactor
from app.domain.results import (
    CaseFinished,
    CaseStarted,
    CheckFinished,
    Deletion,
    Event,
    Rerun,
)
from app.errors import InvalidInputError, TargetError, UnavailableError
from worker import claims, layout, promise
from worker.account import Account
from worker.cage.space import Watch
from worker.gateway import rules
from worker.gateway.creations import Creations
from worker.gateway.hub import Hub, Way
from worker.gateway.placeholders import Placeholders
from worker.gateway.replaying import Reel
from worker.promise import BrokenModuleError, Promise
from worker.strength.tape import Tape
from worker.supervision import Supervision
from worker.warm import WarmParent

_RED = frozenset({Outcome.FAILED, Outcome.ERRORED})


@dataclass(frozen=True, slots=True)
class Tools:
    """What cases share: the engine's parts."""

    warm: WarmParent
    hub: Hub
    #: Where each case gets a folder of its own.
    workspace: Path
    clock: Callable[[], float]


def execute(
    case: PlannedCase,
    shard: Shard,
    tools: Tools,
    cancelled: Callable[[], bool],
    leaving: Callable[[], bool],
) -> Iterator[Event]:
    """Run a case and yield its events; `cancelled` and `leaving` as for `Engine.execute`."""
    began = tools.clock()
    yield CaseStarted(case.case_id)
    try:
        told = promise.read(case.script)
        rules.target_origin(shard.target.base_url)
        layout.check_name(case.module)
        tools.hub.sign_in(shard.run_id, shard.target)
    except (BrokenModuleError, InvalidInputError, TargetError) as error:
        yield CaseFinished(case.case_id, Outcome.ERRORED, str(error), tools.clock() - began)
        return
    execution = _Execution(case, shard, tools, cancelled, leaving)
    account = execution.account(told)
    red: list[CheckFinished] = []
    for event in execution.events(account):
        if shard.retries and isinstance(event, CheckFinished) and event.outcome in _RED:
            red.append(event)
        else:
            yield event
    # Where the account of the case is broken, the case is what has to be looked at.
    if not account.finished.message:
        red = yield from execution.again(told, red)
    yield from red
    deletions = tuple(execution.deletions)
    yield replace(account.finished, duration_seconds=tools.clock() - began, deletions=deletions)


def replay(
    case: PlannedCase,
    shard: Shard,
    tools: Tools,
    tapes: Mapping[str, Tape],
    cancelled: Callable[[], bool],
) -> Iterator[Event]:
    """Run some checks of a case against their tapes; nothing reaches the target."""
    told = promise.read(case.script).of_only(tuple(tapes))
    execution = _Execution(
        case, replace(shard, cleans_up=False), tools, cancelled, cancelled, Reel(tapes.values())
    )
    account = execution.account(told)
    yield from execution.events(account, tuple(tapes))
    yield account.finished


@dataclass(frozen=True, slots=True)
class _Execution:
    """Runs one case, as often as is asked."""

    case: PlannedCase
    shard: Shard
    tools: Tools
    cancelled: Callable[[], bool]
    leaving: Callable[[], bool]
    #: What answers in the target's place; None where the target is asked.
    reel: Reel | None = None
    #: Of every time that the case ran.
    deletions: list[Deletion] = field(default_factory=list)

    def account(self, told: Promise) -> Account:
        """What will be told of the case."""
        target = self.shard.target
        redactor = Redactor.of(
            target.headers,
            *target.identities.values(),
            secrets=(*target.secrets.values(), *grants.secrets(target.identities)),
        )
        return Account(self.case.case_id, told, redactor, claims.prefix_of(target.base_url))

    def events(self, account: Account, checks: Sequence[str] = ()) -> Iterator[Event]:
        """Run the case, or some checks of it, and tell of every check."""
        shard, tools, target = self.shard, self.tools, self.shard.target
        salt = f"{shard.run_id} {self.case.case_id}"
        asked_with = [{"Authorization": text} for text in grants.secrets(target.identities)]
        proofs = (*target.identities.values(), *asked_with)
        kept = Placeholders.of(target.secrets, target.headers, *proofs, salt=salt)
        with ExitStack() as stack:
            gateway = stack.enter_context(tools.hub.open(self._way_out(kept, account.redactor)))
            directory = stack.enter_context(
                layout.private_folder(self.case, shard, tools.workspace)
            )
            order = layout.order(self.case, shard, directory, kept.names, checks)
            try:
                child = tools.warm.fork(order, gateway.dial)
            except UnavailableError as error:
                account.break_off(str(error))
                return
            stack.callback(child.close)
            space = Watch(directory) if tools.warm.cage.folders_need_watching else None
            supervision = Supervision(child, shard.limits, self.cancelled, tools.clock, space)
            yield from account.follow(supervision, gateway)
        self.deletions.extend(gateway.deletions)

    def _way_out(self, kept: Placeholders, redactor: Redactor) -> Way:
        shard = self.shard
        base_url = shard.target.base_url
        return Way(
            run_id=shard.run_id,
            origin=rules.target_origin(base_url),
            target=shard.target,
            limits=shard.limits,
            placeholders=kept,
            redactor=redactor,
            creations=Creations(shard.contract, base_url) if shard.cleans_up else None,
            reel=self.reel,
        )

    def again(
        self, told: Promise, red: Sequence[CheckFinished]
    ) -> Generator[Event, None, list[CheckFinished]]:
        """Run red checks again until they have passed once, at most as often as the plan says."""
        found = {event.check: event for event in red}
        for _ in range(self.shard.retries):
            firm = tuple(check for check, event in found.items() if not event.is_flaky)
            if not firm or self.cancelled() or self.leaving():
                break
            for event in self.events(self.account(told.of_only(firm)), firm):
                if isinstance(event, CheckFinished):
                    first = found[event.check]
                    found[event.check] = replace(first, reruns=(*first.reruns, _rerun(event)))
                else:
                    yield event
        return list(found.values())


def _rerun(event: CheckFinished) -> Rerun:
    return Rerun(
        outcome=event.outcome,
        message=event.message,
        traceback=event.traceback,
        output=event.output,
        duration_seconds=event.duration_seconds,
        exchanges=event.exchanges,
    )
