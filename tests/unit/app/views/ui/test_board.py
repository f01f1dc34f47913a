"""Waking those who wait for a change."""

from __future__ import annotations

import queue
import threading
from typing import cast

from app.listening import Listener
from app.views.ui.board import Board
from tests.waiting import wait_until

PATIENCE = 20.0


class Announcements:
    """Stands in for a listener: gives what the test puts in."""

    def __init__(self) -> None:
        self.heard: queue.Queue[frozenset[str] | None] = queue.Queue()
        self.closed = threading.Event()

    def wait(self, _seconds: float) -> frozenset[str] | None:
        try:
            return self.heard.get(timeout=0.02)
        except queue.Empty:
            return frozenset()

    def close(self) -> None:
        self.closed.set()


def board(announcements: Announcements, most: int = 1) -> Board:
    return Board(lambda: cast("Listener", announcements), most)


def test_each_is_woken_for_its_own_subject() -> None:
    announcements = Announcements()
    shared = board(announcements)
    with shared.watch("a") as a, shared.watch("b") as b:
        announcements.heard.put(frozenset({"a"}))
        assert a.wait(PATIENCE)
        assert not b.is_set()


def test_it_knows_how_many_wait_for_a_subject() -> None:
    shared = board(Announcements())
    with shared.watch("a"), shared.watch("b"), shared.watch("a"):
        assert [shared.readers(subject) for subject in "abc"] == [2, 1, 0]
    assert shared.readers("a") == 0


def test_after_connecting_everybody_looks() -> None:
    announcements = Announcements()
    shared = board(announcements)
    with shared.watch("a") as a, shared.watch("b") as b:
        announcements.heard.put(None)
        assert a.wait(PATIENCE)
        assert b.wait(PATIENCE)


def test_the_connection_is_given_up_when_nobody_waits_and_made_again() -> None:
    announcements = Announcements()
    shared = board(announcements)
    with shared.watch("a"):
        pass
    wait_until(announcements.closed.is_set)
    with shared.watch("a") as again:
        announcements.heard.put(frozenset({"a"}))
        assert again.wait(PATIENCE)


def test_there_are_only_so_many_places() -> None:
    shared = board(Announcements(), most=1)
    assert shared.reserve()
    assert not shared.reserve()
    shared.release()
    assert shared.reserve()
