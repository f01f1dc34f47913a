"""The warm parent's report on its way to the engine."""

from __future__ import annotations

import socket

from worker.cage import report
from worker.cage.layers import Layer
from worker.cage.report import Finding, Report
from worker.cage.wish import Wish, decode, encode


def test_a_report_arrives_as_it_was() -> None:
    told = Report(
        (
            Finding(Layer.CALLS, holds=True),
            Finding(Layer.MOUNTS, holds=False, note="why", advice="do"),
        )
    )
    ours, theirs = socket.socketpair()
    with ours, theirs:
        report.send(theirs, told)
        assert report.receive(ours) == told


def test_a_parent_that_ends_without_a_report_has_told_nothing() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()
        assert report.receive(ours) is None


def test_a_wish_arrives_as_it_was() -> None:
    wish = Wish(layers=frozenset({Layer.CALLS, Layer.DEATH}), writable=("/a",))
    assert decode(encode(wish)) == wish


def test_folders_are_watched_where_they_have_no_file_system_of_their_own() -> None:
    capped = Finding(Layer.CAPPED_FOLDER, holds=True)
    assert Report((capped,)).folders_need_watching
    assert not Report((capped, Finding(Layer.MOUNTS, holds=True))).folders_need_watching
    assert not Report((Finding(Layer.CAPPED_FOLDER, holds=False),)).folders_need_watching
