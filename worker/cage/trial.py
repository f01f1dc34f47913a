"""Trying steps out in a process of their own, since what they do cannot be undone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass

from worker.cage.cell import Step
from worker.cage.layers import Layer


@dataclass(frozen=True, slots=True)
class Failure:
    """The step that the machine refused, and why."""

    layers: frozenset[Layer]
    reason: str


def attempt(steps: Iterable[Step]) -> Failure | None:
    """Take the steps in a child of this process; the first that fails, None where none does.

    Raises ChildProcessError where the child was ended before it could tell.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _take(steps, theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb") as answer:
        told = answer.read()
    _, status = os.waitpid(child, 0)
    if not told:
        code = os.waitstatus_to_exitcode(status)
        raise ChildProcessError(f"The cage's trial was ended before it could tell (status {code}).")
    return _failure(told)


def _take(steps: Iterable[Step], answer: int) -> None:
    """Never returns."""
    layers: frozenset[Layer] = frozenset()
    told = "it broke off"
    try:
        for step in steps:
            layers, apply = step
            apply()
        told = ""
    except OSError as error:
        told = str(error)
    finally:
        os.write(answer, json.dumps([sorted(layers), told]).encode())
        os._exit(0)


def _failure(told: bytes) -> Failure | None:
    layers, reason = json.loads(told)
    return Failure(frozenset(map(Layer, layers)), reason) if reason else None
