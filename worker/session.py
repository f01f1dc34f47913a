"""pytest in the warm parent: configured once, so that a child only collects and runs.

The parent runs pytest up to the collection and takes its orders there. A child is forked inside of
that session and goes on where the parent waits: its module's place is written into the session, and
the rest is pytest's. This touches what pytest keeps to itself; where one of these attributes is
missing, each child runs a session of its own instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from worker.order import Order
from worker.reporter import Reporter

#: What a case has no use for: caches and reports belong to the engine, debuggers to a terminal.
_UNNEEDED = (
    *("cacheprovider", "stepwise", "junitxml", "pastebin", "doctest", "debugging", "setuponly"),
    *("setupplan", "faulthandler", "terminal", "legacypath", "warnings"),
    *("unraisableexception", "threadexception"),
)

#: Waits for orders. Returns one in the child that is to carry it out, and None in the parent when
#: there will be no more.
Wait = Callable[[], Order | None]


def arguments(directory: str, plugins: Sequence[str]) -> list[str]:
    """Of a session in a folder: no configuration, no conftest.py, no plugin from anywhere else."""
    off = [f"-pno:{name}" for name in _UNNEEDED]
    on = [f"-p{name}" for name in plugins]
    # The cut: pytest would list every folder above the module, which the cage forbids.
    place = ["-c", os.devnull, "--rootdir", directory, "--confcutdir", directory]
    return [*off, *on, *place, "--noconftest", "--capture=no"]


def share(wait: Wait, plugins: Sequence[str], reporter: Reporter) -> int:
    """Fork inside of one session; returns in the parent, and in every child when it has run.

    A child's is the exit status of its own run. Where sharing is not possible, this is `alone`.
    """
    shared = Shared(wait)
    status = pytest.main(arguments(os.sep, plugins), plugins=[reporter, shared])
    return alone(wait, plugins, reporter) if shared.lacks else int(status)


def alone(wait: Wait, plugins: Sequence[str], reporter: Reporter) -> int:
    """Run a session of its own in every child; otherwise the same as `share`."""
    order = wait()
    if order is None:
        return int(pytest.ExitCode.OK)
    ours = [*arguments(order.directory, plugins), *order.targets]
    return int(pytest.main(ours, plugins=[reporter]))


def unavailable() -> str:
    """Why this pytest does not let a session be shared; empty where it does."""
    shared = Shared(lambda: None)
    pytest.main(arguments(os.sep, ()), plugins=[shared])
    return shared.lacks


class Shared:
    """Takes the orders where pytest would collect, and places the session of each child."""

    def __init__(self, wait: Wait) -> None:
        self._wait = wait
        #: Why the session cannot be shared; empty where it can.
        self.lacks = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool | None:
        """Serve; then leave the collection to pytest in a child, skip it in the parent."""
        if missing := ", ".join(_missing(session)):
            self.lacks = f"pytest {pytest.__version__} has no {missing}"
            return True
        order = self._wait()
        if order is None:
            return True
        _place(session, order)
        return None


def _missing(session: pytest.Session) -> Iterator[str]:
    """What `_place` writes to and this pytest does not have."""
    for name, owner in (
        ("Config.args", session.config),
        ("Config.invocation_params", session.config),
        ("Config._rootpath", session.config),
        ("Session.path", session),
        ("PytestPluginManager._confcutdir", session.config.pluginmanager),
    ):
        if not hasattr(owner, name.partition(".")[2]):
            yield name


def _place(session: pytest.Session, order: Order) -> None:
    """Make it the session of a pytest that was started in the folder of the case."""
    folder, config = Path(order.directory), session.config
    config.args = order.targets
    config.invocation_params = pytest.Config.InvocationParams(
        args=tuple(order.targets), plugins=None, dir=folder
    )
    config._rootpath = session.path = folder  # noqa: SLF001 - what --rootdir sets
    config.pluginmanager._confcutdir = folder  # noqa: SLF001 - the same
