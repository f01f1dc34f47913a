"""Plans: the cases of a run cut into shards, each a sealed command of bounded size."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.domain import packing
from app.domain.plans import Limits, PlannedCase, Shard, Target
from app.domain.strength import RECORDED_BYTES
from app.messages import commands
from app.messages.commands import Command
from app.messages.sealing import Seal
from app.settings import Settings
from testops import contract

#: What may be a path in a script.
_PATH = re.compile(r"/[^\s\"'`]*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A slice of a run with the command that executes it; None where it fits in no message."""

    cases: tuple[PlannedCase, ...]
    number: int
    command: Command | None


@dataclass(frozen=True, slots=True)
class Planner:
    """Turns cases of one run into commands."""

    run_id: str
    target: Target
    #: The whole contract of the API description.
    contract: dict[str, Any]
    settings: Settings
    retries: int = 0
    cleans_up: bool = True
    #: As in `Shard`.
    changes: int = 0

    def pieces(
        self, cases: Sequence[PlannedCase], durations: Mapping[str, float]
    ) -> Iterator[Piece]:
        """Every case in exactly one piece, numbered from 0, what takes longest first.

        `durations` are seconds by case id, as far as known. What is too large to send is halved,
        even a resource group.
        """
        cuts = deque(packing.packed(cases, durations, most=self.settings.shard_size))
        number = 0
        while cuts:
            cut = cuts.popleft()
            command = self.command(cut, number, attempt=1)
            fits = len(command.kwargs["sealed_shard"]) <= self.settings.max_command_bytes
            if fits or len(cut) == 1:
                yield Piece(cut, number, command if fits else None)
                number += 1
            else:
                middle = len(cut) // 2
                cuts.extendleft((cut[middle:], cut[:middle]))

    def command(self, cases: Sequence[PlannedCase], number: int, attempt: int) -> Command:
        """The command that executes these cases."""
        shard = Shard(
            run_id=self.run_id,
            number=number,
            attempt=attempt,
            target=self.target,
            cases=tuple(cases),
            contract=json.dumps(contract.cut(self.contract, self._operations(cases))),
            limits=self._limits(),
            retries=self.retries,
            cleans_up=self.cleans_up,
            changes=self.changes,
        )
        return commands.execute_shard(shard, Seal(self.settings.secret))

    def _limits(self) -> Limits:
        limits = limits_of(self.settings)
        if not self.changes:
            return limits
        return replace(limits, body_bytes=max(limits.body_bytes, RECORDED_BYTES))

    def _operations(self, cases: Sequence[PlannedCase]) -> Collection[str]:
        """Operations of the cases, and those that their scripts ask on the way (for an id)."""
        paths = {path for case in cases for path in _PATH.findall(case.script)}
        asked = {key for key in self.contract["operations"] if key.partition(" ")[2] in paths}
        return asked | {case.operation for case in cases}


def limits_of(settings: Settings) -> Limits:
    """The bounds of one case, as the installation sets them."""
    return Limits(
        case_seconds=settings.case_seconds,
        check_seconds=settings.check_seconds,
        cpu_seconds=settings.cpu_seconds,
        memory_bytes=settings.memory_bytes,
        output_bytes=settings.output_bytes,
        body_bytes=settings.body_bytes,
        requests_per_second=settings.requests_per_second,
    )
