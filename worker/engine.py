"""The engine: takes a shard and yields what happens.

It knows no Celery, Kafka or database. One engine serves several shards at once, each from a thread
of its own; all share one warm parent and one thread of gateways.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from app.domain.outcomes import Outcome
from app.domain.plans import PlannedCase, Shard, Target
from app.domain.results import CaseFinished, CaseStarted, Event
from worker import case as one_case
from worker.cage import system
from worker.cage.layers import Layer
from worker.cage.report import Report
from worker.cage.wish import Wish
from worker.case import Tools
from worker.gateway.hub import Hub
from worker.gateway.upstream import Timeouts
from worker.renewal import Endurance
from worker.strength.along import Along
from worker.strength.tape import Tape
from worker.warm import Upbringing, WarmParent

#: The pytest plugins of every case: the fixtures of written modules.
PLUGINS = ("testops.plugin",)

_NOT_STARTED = "The execution was cancelled before this case started."


def _never() -> bool:
    return False


class Engine:
    """Executes shards; a context manager that leaves no process and no file behind.

    `plugins` are the pytest plugins that every case loads, `environment` is what the warm parent
    has beside a bare minimum (no case ever sees it), `shares_session` says whether cases go on with
    the parent's pytest session (see `worker.session`), `endurance` when the parent is renewed;
    `timeouts` are the gateway's, `cage` says what keeps scripts to their own, and how much of it
    there has to be.
    """

    def __init__(
        self,
        *,
        plugins: Sequence[str] = PLUGINS,
        environment: Mapping[str, str] | None = None,
        shares_session: bool = True,
        endurance: Endurance | None = None,
        timeouts: Timeouts | None = None,
        cage: Wish | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._upbringing = Upbringing(
            tuple(plugins),
            environment or {},
            shares_session,
            endurance or Endurance(),
            cage or Wish(),
        )
        self._hub = Hub(timeouts, clock)
        self._clock = clock
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start the warm parent and the gateways' thread.

        Raises UnavailableError where the cage is below what is wished for: then nothing is run.
        """
        if Layer.CLOSED_MEMORY in self._upbringing.cage.layers:
            with suppress(OSError):
                # Where there is no such thing the report says so.
                system.close_memory()
        with ExitStack() as stack:
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="testops-", ignore_cleanup_errors=True)
            )
            stack.enter_context(self._hub)
            workspace = Path(folder)
            warm = stack.enter_context(WarmParent(workspace, self._upbringing))
            #: Which layers of the cage hold here.
            self.cage: Report = warm.cage
            self._tools = Tools(warm, self._hub, workspace, self._clock)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End everything that was started."""
        self._stack.close()

    def sign_in(self, run_id: str, target: Target) -> None:
        """Get the tokens of a run's identities before its first case wants them; may take seconds.

        Raises TargetError where there is none, InvalidInputError where it cannot be asked for.
        """
        self._hub.sign_in(run_id, target)

    def execute(
        self,
        shard: Shard,
        *,
        cancelled: Callable[[], bool] = _never,
        leaving: Callable[[], bool] = _never,
    ) -> Iterator[Event]:
        """Run the shard's cases one after the other and yield their events.

        The order is that of `app.domain.results`: each case has exactly one CaseFinished, whatever
        its script does. A check's pass is yielded when its case has ended, other outcomes as they
        happen. `cancelled` is asked at least every tenth of a second; once it says yes the case
        that runs is ended and the rest is not started. Closing the iterator ends the case too.
        Once `leaving` says yes the case that runs is finished, no check of it is run again, and of
        the cases after it there is no event. Where the plan asks for it, a case's end tells how
        strong its checks are (see `worker.strength.along`).
        """
        along = Along(self, shard, lambda: cancelled() or leaving(), self._clock)
        for case in shard.cases:
            if leaving():
                break
            if cancelled():
                yield CaseStarted(case.case_id)
                yield CaseFinished(case.case_id, Outcome.ERRORED, _NOT_STARTED)
            else:
                happenings = one_case.execute(case, shard, self._tools, cancelled, leaving)
                yield from along.following(case, happenings) if shard.changes else happenings

    def replay(
        self,
        case: PlannedCase,
        shard: Shard,
        tapes: Mapping[str, Tape],
        *,
        cancelled: Callable[[], bool] = _never,
    ) -> Iterator[Event]:
        """Run the checks of a case that have a tape, in their order, each against its own.

        Caged and bounded as ever, but no request reaches the target. The events are those of
        `execute` without CaseStarted.
        """
        yield from one_case.replay(case, shard, self._tools, tapes, cancelled)
