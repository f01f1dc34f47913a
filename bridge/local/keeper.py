"""Keeps one part running: starts it, sees it ready, starts it again when it ends, ends it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.local import leash
from bridge.local.parts import ROOT, Part
from bridge.local.screen import Screen


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds."""

    poll: float = 0.1
    #: After this long without being ready the user is told where to look.
    slow: float = 45.0
    #: Between a part's end by itself and its next start; doubles up to the longest.
    first_pause: float = 1.0
    longest_pause: float = 30.0
    #: What a part is given to end in order.
    grace: float = 6.0

    def pause(self, times: int) -> float:
        """How long to wait after so many failed lives."""
        return min(self.first_pause * 2.0 ** min(times, 10), self.longest_pause)


class Keeper:
    """Looks after one part; used within one event loop."""

    def __init__(
        self,
        part: Part,
        log: Path,
        screen: Screen,
        *,
        pace: Pace,
        on_back: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.ready = asyncio.Event()
        self._part = part
        self._log = log
        self._screen = screen
        self._pace = pace
        self._on_back = on_back
        self._ending = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._is_expected = False
        self._task = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        self._log.unlink(missing_ok=True)
        pauses = self._pauses()
        while not self._ending.is_set():
            status, was_ready = await self._live()
            if self._ending.is_set() or self._is_expected:
                continue
            pauses = self._pauses() if was_ready else pauses
            pause = next(pauses)
            self._screen.died(self._part.name, status, pause, self._log)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), pause)

    async def _live(self) -> tuple[int, bool]:
        """One life of the part: its exit status, and whether it was ready in it."""
        self._is_expected = False
        process = self._process = await self._spawn()
        if self._ending.is_set():
            # The end was called for while this process was not there to hear it.
            _kill_group(process)
        watch = asyncio.create_task(self._see_ready())
        status = await process.wait()
        was_ready = watch.done()
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
        _kill_group(process)
        return status, was_ready

    async def _spawn(self) -> asyncio.subprocess.Process:
        part = self._part
        if part.sign is not None:
            part.sign.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *leash.command(part.command, number=part.stop_signal, user=part.user),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=part.environment(),
                cwd=ROOT,
                # A group of its own: Ctrl-C reaches only us, and what it leaves can be killed.
                start_new_session=True,
            )

    async def _see_ready(self) -> None:
        started = time.monotonic()
        is_told = False
        while not await asyncio.to_thread(self._part.is_ready):
            took = time.monotonic() - started
            if took > self._pace.slow and not is_told:
                self._screen.slow(self._part.name, took, self._log)
                is_told = True
            await asyncio.sleep(self._pace.poll)
        self._screen.ready(self._part.name, time.monotonic() - started)
        is_back = self.ready.is_set()
        self.ready.set()
        if is_back and self._on_back is not None:
            await self._on_back()

    async def restart(self, because: str) -> None:
        """End the part and let it start again at once."""
        self._screen.restarted(self._part.name, because)
        self._is_expected = True
        await self._tell_to_end()

    async def end(self) -> None:
        """End the part for good; returns when nothing of it is left."""
        self._ending.set()
        await self._tell_to_end()
        await self._task

    async def _tell_to_end(self) -> None:
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(self._part.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), self._pace.grace)
        except TimeoutError:
            self._screen.killed(self._part.name)
            _kill_group(process)

    def _pauses(self) -> Iterator[float]:
        return map(self._pace.pause, itertools.count())


def _kill_group(process: asyncio.subprocess.Process) -> None:
    """Kill what is left of the process and of those that it started; it leads their group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
