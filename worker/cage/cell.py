"""The cage as it was built on this machine, and the way into it."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from worker.cage import identity, limits, network, system, view
from worker.cage.calls import Program
from worker.cage.landlock import Rules
from worker.cage.layers import Layer
from worker.cage.namespaces import Keeper
from worker.cage.view import View

_LANDLOCK = frozenset({Layer.LANDLOCK_FILES, Layer.LANDLOCK_PORTS, Layer.LANDLOCK_SCOPES})

#: The layers that one step applies, and the step.
Step = tuple[frozenset[Layer], Callable[[], None]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case works, and within which limits."""

    folder: str
    cpu_seconds: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What the warm parent prepared. `layers` are those that are applied."""

    layers: frozenset[Layer] = frozenset()
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    #: A number below the one it gets.
    draw: Callable[[int], int] = secrets.randbelow
    view: View | None = None
    keeper: Keeper | None = None
    rules: Rules | None = None
    #: To choose a case's user from.
    ids: range = range(0)
    calls: Program | None = None

    def enter(self, place: Place) -> None:
        """Give up what a script does not need, in this process and for good.

        Raises OSError where a layer that held when the cage was built does not hold now: then no
        script may run.
        """
        os.setsid()
        for _, apply in self.steps(place):
            apply()

    def steps(self, place: Place) -> Iterator[Step]:
        """What `enter` does, in its order: each step needs rights that a later one gives up."""
        folder = Path(place.folder)
        steps: tuple[Step, ...] = (
            (
                frozenset({Layer.LIMITS}),
                lambda: limits.apply(place.cpu_seconds, place.memory_bytes),
            ),
            (frozenset({Layer.MOUNTS}), lambda: self._move(folder)),
            (frozenset({Layer.OWN_USER}), lambda: self._change_user(folder)),
            (frozenset({Layer.LIMITS}), self._limit_threads),
            # A change of the user makes the kernel forget it.
            (frozenset({Layer.DEATH}), lambda: system.die_with_parent(signal.SIGKILL)),
            (frozenset({Layer.CLOSED_MEMORY}), system.close_memory),
            (frozenset({Layer.NO_NEW_RIGHTS}), _gain_nothing),
            (_LANDLOCK, lambda: self._close_files(folder)),
            (frozenset({Layer.CALLS}), self._filter_calls),
        )
        return (step for step in steps if step[0] & self.layers)

    def release(self) -> None:
        """Let go of what was prepared; for the parent, when its last child has ended.

        Raises OSError where the workspace is not safe to be emptied.
        """
        # Whoever listened for the ends of children has gone.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if self.keeper is not None:
            self.keeper.release()
        if self.view is not None:
            view.take_down(self.view)

    @property
    def staff(self) -> set[int]:
        """Children of the parent that belong to the cage: no case, and no case's orphan."""
        return set() if self.keeper is None else {self.keeper.pid}

    def end_orphans(self) -> None:
        """Kill what cases have left in their PID namespace."""
        while self.keeper is not None and (orphans := self.keeper.orphans()):
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _move(self, folder: Path) -> None:
        if self.view is not None:  # pragma: no branch - the layer is applied only with a view
            view.enter(self.view, folder)

    def _change_user(self, folder: Path) -> None:
        user = identity.choose(self.ids, self.draw)
        identity.hand_over(folder, user)
        identity.become(user)

    def _limit_threads(self) -> None:
        """Threads are counted by user, and by user namespace where the cage has one."""
        is_counted_alone = self.layers & {Layer.OWN_USER, Layer.PROCESSES}
        others = 0 if is_counted_alone else limits.threads_of(os.geteuid())
        limits.limit_threads(others)

    def _close_files(self, folder: Path) -> None:
        if self.rules is not None:  # pragma: no branch - the layer is applied only with rules
            self.rules.restrict((str(folder), *self.writable))

    def _filter_calls(self) -> None:
        if self.calls is not None:  # pragma: no branch - the layer is applied only with a filter
            network.explain()
            self.calls.load(os.getpid())


def _gain_nothing() -> None:
    with contextlib.suppress(OSError):
        # Not everywhere; who is no longer root has none.
        system.drop_capabilities()
    system.gain_no_rights()
