"""The cage as it was built on this machine, and the way into it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seccompy import Filter

from worker.cage import calls, identity, landlock, limits, network, system, view
from worker.cage.layers import Layer
from worker.cage.namespaces import Keeper
from worker.cage.view import View
from worker.order import Order

_LANDLOCK = frozenset({Layer.LANDLOCK_FILES, Layer.LANDLOCK_PORTS, Layer.LANDLOCK_SCOPES})

#: The layers that one step applies, and the step.
Step = tuple[frozenset[Layer], Callable[[], None]]


@dataclass(frozen=True, slots=True)
class Cell:
    """What the warm parent prepared. `layers` are those that are applied."""

    layers: frozenset[Layer]
    readable: tuple[str, ...]
    writable: tuple[str, ...]
    devices: tuple[str, ...]
    #: A number below the one it gets.
    draw: Callable[[int], int]
    view: View | None = None
    keeper: Keeper | None = None
    #: To choose a case's user from.
    ids: range = range(0)
    calls: Filter | None = None

    def enter(self, order: Order) -> None:
        """Give up what a script does not need, in this process and for good.

        Raises OSError where a layer that held when the cage was built does not hold now: then no
        script may run.
        """
        os.setsid()
        for _, apply in self.steps(order):
            apply()

    def steps(self, order: Order) -> Iterator[Step]:
        """What `enter` does, in its order: each step needs rights that a later one gives up."""
        folder = Path(order.directory)
        steps: tuple[Step, ...] = (
            (frozenset({Layer.LIMITS}), lambda: self._limit(order)),
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
        """Let go of what was prepared; for the parent, when its last child has ended."""
        if self.keeper is not None:
            self.keeper.release()

    def _limit(self, order: Order) -> None:
        limits.apply(order.cpu_seconds, order.memory_bytes)

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
        landlock.restrict(
            self.readable,
            (str(folder), *self.writable),
            self.devices,
            ports=Layer.LANDLOCK_PORTS in self.layers,
            scopes=Layer.LANDLOCK_SCOPES in self.layers,
        )

    def _filter_calls(self) -> None:
        if self.calls is not None:  # pragma: no branch - the layer is applied only with a filter
            network.explain()
            calls.signals(os.getpid()).load()
            self.calls.load()


def _gain_nothing() -> None:
    with contextlib.suppress(OSError):
        # Not everywhere; who is no longer root has none.
        system.drop_capabilities()
    system.gain_no_rights()
