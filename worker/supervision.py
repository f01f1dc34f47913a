"""Watching one case's process until it has ended: its frames, what it prints, and its limits.

A check whose time is up is interrupted, so that the next ones still run. The process is asked to
end (SIGTERM) when that does not help, when the case's time is up or the run is cancelled, and
killed when it does not. Whatever it does, the watch ends: a parent that does not report the end of
a killed child is itself given up. Time that the reader of the frames takes is nobody's: what the
process tells then waits in its channel, and it waits too.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.domain.plans import Limits
from worker.cage.space import Watch
from worker.frames import HEARD, WANTED, CheckBegan, CheckEnded, Frame
from worker.groups import kill_group
from worker.intake import FrameError, FrameReader
from worker.order import INTERRUPT, WORD
from worker.warm import Child

#: How long an interrupted check may take to clean up after itself.
CLEAN_UP_SECONDS = 2.0
#: How long a case may take to end when it is asked to.
GRACE_SECONDS = 0.5
#: How long the warm parent may take to report the end of a killed case.
LAST_WORD_SECONDS = 5.0
#: How often a quiet case is looked after: bounds how late a cancellation is seen.
_TICK_SECONDS = 0.1
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class End:
    """How a case's process ended."""

    #: Exit status; minus the signal's number if one ended it; unknown where there is a reason.
    status: int
    #: Why the engine ended it; empty where it ended by itself.
    reason: str = ""


class Output:
    """What a case prints, up to a limit; the rest is read and dropped."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._kept = bytearray()
        self._dropped = 0

    def add(self, data: bytes) -> None:
        """Take what was printed."""
        kept = data[: self._left]
        self._kept += kept
        self._left -= len(kept)
        self._dropped += len(data) - len(kept)

    def take(self) -> str:
        """What was printed since the last time; bytes that are no text as backslash escapes."""
        text = self._kept.decode("utf-8", "backslashreplace")
        note = f"… ({self._dropped} more bytes)" if self._dropped else ""
        self._kept.clear()
        self._dropped = 0
        return text + note


@dataclass(slots=True)
class Running:
    """The check that runs."""

    name: str
    deadline: float
    is_interrupted: bool = False


class Supervision:
    """Reads one child until it has ended, and ends it when it must."""

    def __init__(
        self,
        child: Child,
        limits: Limits,
        cancelled: Callable[[], bool],
        clock: Callable[[], float],
        space: Watch | None = None,
    ) -> None:
        """`space` looks after the case's folder where nothing else limits it."""
        self._child = child
        self._space = space
        self._cancelled = cancelled
        self._clock = clock
        self._reader = FrameReader()
        self._reason = ""
        self._limits = limits
        self._deadline = clock() + limits.case_seconds
        self._kill_at = float("inf")
        self._give_up_at = float("inf")
        self._output = Output(limits.output_bytes)
        self._ended = False
        self._check: Running | None = None
        #: Why the check that was told of last took too long; empty where it did not.
        self.overran = ""
        #: Valid when all frames were taken.
        self.end = End(0, "The case has not ended.")

    def frames(self) -> Iterator[Frame]:
        """What the child tells, until it has ended; then `end` says how."""
        with selectors.DefaultSelector() as self._selector:
            self._watch(self._child.output, self._print)
            self._watch(self._child.channel, self._listen)
            self._watch(self._child.line, self._hear_of_end)
            while not self._ended:
                for key, _ in self._selector.select(_TICK_SECONDS):
                    yield from key.data()
                self._mind_the_limits()
            # All that ever wrote is dead, so what lies there is the rest.
            yield from self._told(b"".join(iter(self._receive, b"")))

    def stop(self, reason: str) -> None:
        """Ask the case to end, and see to it that it does; the first reason is the one told."""
        if self._reason:
            return
        self._reason = reason
        self._kill_at = self._clock() + GRACE_SECONDS
        self._child.signal(signal.SIGTERM)

    def take_output(self) -> str:
        """What was printed since the last time."""
        list(self._print())
        return self._output.take()

    def _watch(self, source: object, react: Callable[[], Iterator[Frame]]) -> None:
        self._selector.register(source, selectors.EVENT_READ, react)  # type: ignore[arg-type] # a descriptor or a socket

    def _mind_the_limits(self) -> None:
        now = self._clock()
        if self._cancelled():
            self.stop("The execution was cancelled.")
        elif now >= self._deadline:
            self.stop(
                f"The case took longer than its limit of {self._limits.case_seconds:g} seconds."
            )
        elif self._space is not None and (objection := self._space.objection(now)):
            self.stop(objection)
        elif self._check is not None and now >= self._check.deadline:
            self._interrupt(self._check, now)
        if now >= self._kill_at:
            self._kill_at, self._give_up_at = float("inf"), now + LAST_WORD_SECONDS
            self._child.signal(signal.SIGKILL)
        if now >= self._give_up_at:
            self._child.parent.kill()

    def _interrupt(self, check: Running, now: float) -> None:
        late = f"took longer than its limit of {self._limits.check_seconds:g} seconds"
        if check.is_interrupted:
            self.stop(f"{check.name} {late} and could not be interrupted.")
            return
        check.is_interrupted, check.deadline = True, now + CLEAN_UP_SECONDS
        self.overran = f"The check {late}."
        self._answer(WANTED)
        self._child.signal(INTERRUPT)

    def _listen(self) -> Iterator[Frame]:
        """One chunk of frames, so that one who writes without end does not escape its limits."""
        yield from self._told(self._receive())

    def _receive(self) -> bytes:
        """What lies in the channel; nothing where nothing does."""
        try:
            data = self._child.channel.recv(_CHUNK)
        except BlockingIOError:
            return b""
        except OSError:
            # The child is gone with bytes unread on its side.
            data = b""
        if not data:
            self._forget(self._child.channel)
        return data

    def _told(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete; the child is told that the end of a check was heard."""
        try:
            for frame in self._reader.feed(data):
                if isinstance(frame, CheckBegan):
                    self.overran = ""
                    self._check = Running(frame.check, self._clock() + self._limits.check_seconds)
                if isinstance(frame, CheckEnded):
                    self._check = None
                yield from self._unhurried(frame)
                if isinstance(frame, CheckEnded):
                    self._answer(HEARD)
        except FrameError as error:
            self._forget(self._child.channel)
            self.stop(f"The process of the case sent {error}.")

    def _unhurried(self, frame: Frame) -> Iterator[Frame]:
        """Yield a frame; the time until the next is asked for does not count."""
        began = self._clock()
        yield frame
        spent = self._clock() - began
        self._deadline += spent
        if self._check is not None:
            self._check.deadline += spent

    def _answer(self, word: bytes) -> None:
        with contextlib.suppress(OSError):
            self._child.channel.send(word)

    def _print(self) -> Iterator[Frame]:
        """What was printed: one chunk, which is all that a pipe holds."""
        try:
            data = os.read(self._child.output, _CHUNK)
        except BlockingIOError:
            return
        if not data:
            self._forget(self._child.output)
        self._output.add(data)
        yield from ()

    def _hear_of_end(self) -> Iterator[Frame]:
        """What the warm parent says: the child's wait status."""
        try:
            word = self._child.line.recv(WORD.size)
        except ConnectionError:
            word = b""
        if not word:
            self._lose()
        else:
            self._conclude(os.waitstatus_to_exitcode(*WORD.unpack(word)), self._reason)
        yield from ()

    def _lose(self) -> None:
        """The warm parent is gone; so is the child, but others of its group may not be."""
        kill_group(self._child.pid, signal.SIGKILL)
        self._conclude(0, self._reason or "The process that runs the cases ended.")

    def _conclude(self, status: int, reason: str) -> None:
        self.end = End(status, reason)
        self._ended = True

    def _forget(self, source: object) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(source)  # type: ignore[arg-type] # as in _watch
