"""What the warm parent does once, so that no case is the first to do it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from testops.client import _through_gateway
from worker import engine, rehearsal
from worker.order import INTERRUPT


def test_every_check_of_the_rehearsal_passes_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    before = (dict(os.environ), list(sys.path), signal.getsignal(INTERRUPT), descriptors())
    assert rehearsal.rehearse(engine.PLUGINS, tmp_path) == 0
    after = (dict(os.environ), list(sys.path), signal.getsignal(INTERRUPT), descriptors())

    assert after == before
    assert "test_warmth_of_the_engine" not in sys.modules
    assert list(tmp_path.iterdir()) == []
    assert _through_gateway.cache_info().currsize == 0


def test_a_rehearsal_without_the_sdk_says_that_it_failed(tmp_path: Path) -> None:
    """As where an engine loads other plugins: its cases run all the same."""
    assert rehearsal.rehearse((), tmp_path) == 1


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
