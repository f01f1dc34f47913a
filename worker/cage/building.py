"""Building the cage in the warm parent, trying it out, and telling what holds."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from worker.cage import calls, identity, landlock, namespaces, sight, system, trial, view
from worker.cage.advice import ADVICE
from worker.cage.cell import Cell, Place, Step
from worker.cage.landlock import Rules
from worker.cage.layers import Layer
from worker.cage.report import Finding, Report
from worker.cage.trial import Failure
from worker.cage.wish import Wish

_NAMESPACES = frozenset({Layer.MOUNTS, Layer.PROCESSES, Layer.NETWORK})
#: Why the engine left a layer out that the machine may well offer.
_OFF = "switched off"
#: Enough for a process that does nothing.
_TRIAL_SECONDS, _TRIAL_BYTES = 60, 2 * 1024**3


class Builder:
    """Builds one cage, in the process whose children it is for."""

    def __init__(self, wish: Wish, workspace: Path, draw: Callable[[int], int]) -> None:
        self._wish = wish
        self._workspace = workspace
        self._why_not = {layer: _OFF for layer in Layer if layer not in wish.layers}
        self._cell = Cell(
            layers=wish.layers,
            readable=sight.readable(),
            writable=wish.writable,
            devices=tuple(path for path in sight.DEVICES if Path(path).exists()),
            draw=draw,
        )

    def build(self) -> tuple[Cell, Report]:
        """The cage, with every layer that held when it was tried."""
        self._leave_out(self._unavailable())
        self._separate()
        self._prepare()
        while failure := self._try():
            self._leave_out(dict.fromkeys(failure.layers, failure.reason))
        return self._cell, self._report()

    def _leave_out(self, reasons: dict[Layer, str]) -> None:
        self._why_not = reasons | self._why_not
        layers = self._cell.layers - self._why_not.keys()
        self._cell = replace(self._cell, layers=layers)

    def _unavailable(self) -> dict[Layer, str]:
        """What can be known without trying."""
        found: dict[Layer, str] = {}
        version = landlock.version()
        if version == 0:
            found[Layer.LANDLOCK_FILES] = "the kernel has no Landlock, or it is switched off"
        if version < landlock.PORTS_SINCE:
            found[Layer.LANDLOCK_PORTS] = f"the kernel's Landlock is version {version}"
        if version < landlock.SCOPES_SINCE:
            found[Layer.LANDLOCK_SCOPES] = f"the kernel's Landlock is version {version}"
        if not identity.available():
            found[Layer.OWN_USER] = "only root can change its user"
        if reason := calls.unavailable():
            found[Layer.CALLS] = reason
        return found

    def _separate(self) -> None:
        """Move to namespaces, if a child could."""
        wanted = self._cell.layers & _NAMESPACES
        if not wanted:
            return
        if failure := trial.attempt([(wanted, self._enter_namespaces)]):
            self._leave_out(dict.fromkeys(wanted, failure.reason))
            return
        self._enter_namespaces()
        if Layer.PROCESSES in wanted:
            self._cell = replace(self._cell, keeper=namespaces.keep())

    def _enter_namespaces(self) -> None:
        namespaces.separate(self._cell.layers)
        if Layer.MOUNTS in self._cell.layers:
            cell = self._cell
            places = (cell.readable, cell.writable, cell.devices)
            self._cell = replace(cell, view=view.build(self._workspace, *places))

    def _prepare(self) -> None:
        """What is made once for all cases."""
        layers = self._cell.layers
        if Layer.CLOSED_MEMORY in layers:
            # Not before: a process closed to others may not map the ids of its own namespace.
            system.close_memory()
        if Layer.OWN_USER in layers:
            # Its cases must come through.
            self._workspace.chmod(0o711)
            self._cell = replace(self._cell, ids=identity.available())
        if Layer.CALLS in layers:
            self._cell = replace(self._cell, calls=calls.compiled())
        if Layer.LANDLOCK_FILES in layers:
            self._cell = replace(self._cell, rules=self._rules())

    def _rules(self) -> Rules:
        cell = self._cell
        return Rules(
            cell.readable,
            cell.devices,
            landlock.version(),
            ports=Layer.LANDLOCK_PORTS in cell.layers,
            scopes=Layer.LANDLOCK_SCOPES in cell.layers,
        )

    def _try(self) -> Failure | None:
        """Go the way of a case, and see that Python still works there."""
        with tempfile.TemporaryDirectory(prefix="trial-", dir=self._workspace) as folder:
            place = Place(folder, _TRIAL_SECONDS, _TRIAL_BYTES)
            return trial.attempt(self._proven(self._cell.steps(place)))

    def _proven(self, steps: Iterable[Step]) -> Iterator[Step]:
        """After the change of the user, see that it reaches what it needs.

        Right then: a later layer that fails because of it would be left out in its place.
        """
        for step in steps:
            yield step
            if Layer.OWN_USER in step[0]:
                yield frozenset({Layer.OWN_USER}), self._reach

    def _reach(self) -> None:
        for path in self._cell.readable:
            Path(path).stat()
        with Path(os.__file__).open("rb") as file:
            file.read(1)

    def _report(self) -> Report:
        return Report(tuple(self._finding(layer) for layer in Layer))

    def _finding(self, layer: Layer) -> Finding:
        reason = self._why_not.get(layer)
        if reason is not None:
            return Finding(layer, holds=False, note=reason, advice=ADVICE.get(layer, ""))
        return Finding(layer, holds=True, note=self._note(layer))

    def _note(self, layer: Layer) -> str:
        """How a layer is done where that is not always the same."""
        cell = self._cell
        megabytes = view.FOLDER_BYTES // 1024**2
        way = "in memory" if Layer.MOUNTS in cell.layers else "watched by the engine"
        notes = {
            Layer.CAPPED_FOLDER: f"{megabytes} MiB, {way}",
            Layer.OWN_USER: f"{cell.ids.start} and above" if cell.ids else "",
            Layer.LANDLOCK_FILES: f"version {landlock.version()}",
            Layer.MOUNTS: "" if os.geteuid() == 0 else "in a user namespace",
        }
        return notes.get(layer, "")
