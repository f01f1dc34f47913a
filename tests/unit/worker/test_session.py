"""What is needed of pytest to share its session, and what happens where it is not there."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest

from worker import session
from worker.order import Order
from worker.reporter import Reporter


def test_the_pinned_pytest_lets_its_session_be_shared() -> None:
    assert session.unavailable() == ""


def test_what_is_missing_is_named() -> None:
    """Nothing is waited for, and pytest collects nothing either."""
    config = SimpleNamespace(args=[], _rootpath=None, pluginmanager=SimpleNamespace())
    shared = session.Shared(lambda: pytest.fail("waited"))
    other = cast("pytest.Session", SimpleNamespace(config=config, path=None))
    assert shared.pytest_collection(other) is True
    assert shared.lacks == (
        f"pytest {pytest.__version__} has no Config.invocation_params,"
        " PytestPluginManager._confcutdir"
    )


def test_where_it_cannot_be_shared_each_case_starts_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: Iterator[Order | None] = iter([None])
    monkeypatch.setattr(session, "_missing", lambda _: iter(["Config.args"]))
    assert session.share(lambda: next(waits), (), Reporter()) == 0
    assert list(waits) == []
