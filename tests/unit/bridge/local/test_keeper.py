"""Keeping one part running, with small programs for parts."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bridge.local.keeper import Keeper, Pace
from bridge.local.parts import Part
from bridge.local.screen import Screen

PACE = Pace(poll=0.02, slow=60.0, first_pause=0.02, longest_pause=0.05, grace=20.0)

#: Writes its process id into the sign, then waits.
PROGRAM = """
import os, pathlib, sys, time
sign = pathlib.Path(sys.argv[1])
with (sign.parent / "lives").open("a") as lives:
    print(os.getpid(), file=lives, flush=True)
{extra}
sign.touch()
time.sleep(60)
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
#: Leaves a process behind in its group when it is killed.
FERTILE = """
if not os.fork():
    with (sign.parent / "lives").open("a") as lives:
        print(os.getpid(), file=lives, flush=True)
    time.sleep(60)
"""


@dataclass
class Bench:
    """A folder, what was said, and parts in it."""

    folder: Path
    said: list[str] = field(default_factory=list)

    def part(self, extra: str = "") -> Part:
        sign = self.folder / "sign"
        words = (sys.executable, "-c", PROGRAM.format(extra=extra), str(sign))
        return Part("part", words, sign.exists, lambda: dict(os.environ), sign)

    def keeper(
        self,
        part: Part,
        pace: Pace = PACE,
        on_back: Callable[[], Awaitable[None]] | None = None,
    ) -> Keeper:
        log = self.folder / "log"
        return Keeper(part, log, Screen(self.said.append), pace=pace, on_back=on_back)

    def lives(self) -> list[int]:
        path = self.folder / "lives"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def has_said(self, words: str) -> bool:
        return any(words in line for line in self.said)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 60))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for happens in other processes
        await asyncio.sleep(0.01)


def lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{number}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_part_is_said_to_be_ready_and_ends_when_told(bench: Bench) -> None:
    async def story() -> None:
        keeper = bench.keeper(bench.part())
        await keeper.ready.wait()
        await keeper.end()

    run(story())
    [number] = bench.lives()
    assert not lives(number)
    assert len(bench.said) == 1
    assert bench.has_said("part       ready after")


def test_a_part_that_dies_is_started_again_and_said_so(bench: Bench) -> None:
    back: list[bool] = []

    async def is_back() -> None:
        back.append(True)

    async def story() -> None:
        keeper = bench.keeper(bench.part(), on_back=is_back)
        await keeper.ready.wait()
        assert not back
        os.kill(bench.lives()[0], signal.SIGKILL)
        await until(lambda: bool(back))
        await keeper.end()

    run(story())
    assert len(bench.lives()) == 2
    assert bench.has_said("ended with status -9")


def test_a_part_that_cannot_start_is_tried_with_growing_pauses(bench: Bench) -> None:
    async def story() -> None:
        keeper = bench.keeper(bench.part(extra="sys.exit('no')"))
        await until(lambda: len(bench.said) >= 3)
        await keeper.end()
        assert not keeper.ready.is_set()

    run(story())
    assert "again in 0.0 s" in bench.said[0]
    assert "again in 0.1 s" in bench.said[2]
    assert (bench.folder / "log").read_text().startswith("no\nno\n")


def test_a_part_that_takes_long_is_said_once(bench: Bench) -> None:
    async def story() -> None:
        slow = Pace(poll=0.01, slow=0.0, first_pause=0.02, longest_pause=0.05, grace=20.0)
        keeper = bench.keeper(bench.part(extra="time.sleep(0.3)"), slow)
        await keeper.ready.wait()
        await keeper.end()

    run(story())
    assert [line for line in bench.said if "not ready" in line] == bench.said[:1]


def test_a_part_that_ignores_the_signal_is_killed(bench: Bench) -> None:
    async def story() -> None:
        short = Pace(poll=0.02, slow=60.0, first_pause=0.02, longest_pause=0.05, grace=0.2)
        keeper = bench.keeper(bench.part(extra=STUBBORN), short)
        await keeper.ready.wait()
        await keeper.end()

    run(story())
    assert bench.has_said("did not end in time")
    assert not lives(bench.lives()[0])


def test_nothing_of_a_dead_parts_group_is_left(bench: Bench) -> None:
    async def story() -> None:
        keeper = bench.keeper(bench.part(extra=FERTILE))
        await keeper.ready.wait()
        await until(lambda: len(bench.lives()) == 2)
        await keeper.end()
        await until(lambda: not any(lives(number) for number in bench.lives()))

    run(story())


def test_a_restart_is_at_once_and_not_taken_for_a_death(bench: Bench) -> None:
    async def story() -> None:
        patient = Pace(poll=0.02, slow=60.0, first_pause=50.0, longest_pause=50.0, grace=20.0)
        keeper = bench.keeper(bench.part(), patient)
        await keeper.ready.wait()
        await keeper.restart("the broker")
        await until(lambda: len(bench.lives()) == 2)
        await keeper.end()

    run(story())
    assert bench.has_said("starting again, since the broker was lost")
    assert not bench.has_said("ended with status")


def test_a_part_may_be_told_to_end_before_it_has_begun(bench: Bench) -> None:
    async def story() -> None:
        keeper = bench.keeper(bench.part())
        await keeper.end()

    run(story())
    assert not any(lives(number) for number in bench.lives())


def test_a_part_may_be_told_to_end_while_its_process_is_made(bench: Bench) -> None:
    async def story() -> None:
        keeper = bench.keeper(bench.part())
        await asyncio.sleep(0)
        await keeper.end()

    run(story())
    assert not any(lives(number) for number in bench.lives())
    assert not bench.said


def test_a_log_is_of_this_start(bench: Bench) -> None:
    (bench.folder / "log").write_text("of the last start\n")

    async def story() -> None:
        keeper = bench.keeper(bench.part(extra="print('of this start', flush=True)"))
        await keeper.ready.wait()
        await keeper.end()

    run(story())
    assert (bench.folder / "log").read_text() == "of this start\n"
