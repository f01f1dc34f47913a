"""Streams of server-sent events (HTML Living Standard, section 9.2) that say when to look again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Final

from flask import Flask, Response, current_app

from app.errors import UnavailableError
from app.listening import Listener
from app.services import live
from app.views.database import db
from app.views.ui.board import Board

#: Streams at once in one process: each holds one of the server's threads (at least 16).
MOST: Final = 12

#: Of those the streams of bells, which are open as long as a browser is: the rest is for runs.
MOST_BELLS: Final = 4

#: After this a stream ends and the browser opens the next: a server that is to stop waits no
#: longer, and a browser that is gone without a word holds its thread no longer.
LIFE_SECONDS: Final = 20.0

#: Between two events of a stream, times the streams of the same run: one of thousands of checks is
#: not drawn thousands of times, and many readers of it cost this process no more than one.
PAUSE_SECONDS: Final = 0.05

#: How soon is seen that a browser no longer listens to a bell.
BEAT_SECONDS: Final = 1.0

#: A comment; and what has a browser come again after as long as a bell polls anyway.
_BEAT: Final = ":\n\n"
_LATER: Final = "retry: 20000\n\n"
_CHANGED: Final = "event: changed\ndata:\n\n"
_EXTENSION: Final = "testops-board"
_BELLS: Final = "testops-bells"


def install(app: Flask) -> None:
    """Give the application its board."""

    def listen() -> Listener:
        with app.app_context():
            return Listener(db.engine, live.CHANNEL)

    app.extensions[_EXTENSION] = Board(listen, MOST)
    app.extensions[_BELLS] = threading.BoundedSemaphore(MOST_BELLS)


def follow(subject: str) -> Response:
    """Answer with a stream of `changed` events; raises UnavailableError where too many are open."""
    board: Board = current_app.extensions[_EXTENSION]
    if not board.reserve():
        raise UnavailableError("Too many pages are followed at once; this one is polled instead.")
    answer = _stream(_events(board, subject))
    # Also where the reader leaves before the first event.
    answer.call_on_close(board.release)
    return answer


def follow_bell(subject: str) -> Response:
    """As `follow`, for what a page has beside what it shows: where no place is free, it asks later.

    A refusal would be an error on the browser's console, and nobody's trouble.
    """
    board: Board = current_app.extensions[_EXTENSION]
    bells: threading.BoundedSemaphore = current_app.extensions[_BELLS]
    if not bells.acquire(blocking=False):
        return _stream(iter((_LATER,)))
    if not board.reserve():
        bells.release()
        return _stream(iter((_LATER,)))
    answer = _stream(_rings(board, subject))
    answer.call_on_close(board.release)
    answer.call_on_close(bells.release)
    return answer


def _stream(events: Iterator[str]) -> Response:
    answer = Response(events, mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    # Proxies that collect answers would hold the events back.
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _rings(board: Board, subject: str) -> Iterator[str]:
    deadline = time.monotonic() + LIFE_SECONDS
    with board.watch(subject) as changed:
        yield f"retry: 200\n\n{_CHANGED}"
        while time.monotonic() < deadline:
            is_changed = changed.wait(BEAT_SECONDS)
            changed.clear()
            # Every page has a bell: that a browser has gone on to the next is seen by writing.
            yield _CHANGED if is_changed else _BEAT


def _events(board: Board, subject: str) -> Iterator[str]:
    deadline = time.monotonic() + LIFE_SECONDS
    with board.watch(subject) as changed:
        # What changed before this is seen at once.
        yield f"retry: 200\n\n{_CHANGED}"
        while (left := deadline - time.monotonic()) > 0:
            if changed.wait(left):
                changed.clear()
                yield _CHANGED
                # What changes meanwhile sets the event again, and is told together.
                time.sleep(PAUSE_SECONDS * board.readers(subject))
