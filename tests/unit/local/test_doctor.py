"""What `testops doctor` says of a machine."""

from __future__ import annotations

import os
from typing import Self

import pytest
from click.testing import CliRunner

from app.errors import UnavailableError
from local import doctor
from worker import session
from worker.cage.layers import ALL, KEEPERS, Layer, Promise
from worker.cage.report import Finding, Report


def report(layers: frozenset[Layer]) -> Report:
    return Report(
        tuple(
            Finding(each, each in layers, "a note", "" if each in layers else "Do this.")
            for each in Layer
        )
    )


class Machine:
    """An engine on a machine that offers these layers."""

    def __init__(self, layers: frozenset[Layer] | None) -> None:
        self._layers = layers

    def __call__(self) -> Machine:
        return self

    def __enter__(self) -> Self:
        if self._layers is None:
            raise UnavailableError("The process that runs the cases does not start.")
        self.cage = report(self._layers)
        return self

    def __exit__(self, *_: object) -> None: ...


def run(
    monkeypatch: pytest.MonkeyPatch, layers: frozenset[Layer] | None, *arguments: str
) -> tuple[int, str]:
    monkeypatch.setattr(doctor, "Engine", Machine(layers))
    result = CliRunner().invoke(doctor.doctor, arguments)
    return result.exit_code, result.output


def test_a_machine_with_everything_meets_every_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    status, told = run(monkeypatch, ALL, "--cage", "strict")
    assert status == 0
    assert "+ seccomp            a list of allowed system calls" in told
    assert "(a note)" in told
    assert "reaches nothing but the tested API: network namespace, seccomp" in told
    assert "The policy “strict” is met." in told


def test_what_is_missing_is_told_with_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    status, told = run(monkeypatch, ALL - KEEPERS[Promise.NETWORK])
    assert status == 1
    assert "- seccomp            missing: a note\n                     Do this." in told
    assert "reaches nothing but the tested API: nothing" in told
    assert "The policy “standard” is not met." in told


def test_nothing_demanded_is_always_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTOPS_CAGE", "none")
    status, told = run(monkeypatch, frozenset())
    assert (status, "The policy “none” is met." in told) == (0, True)


def test_an_engine_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    status, told = run(monkeypatch, None)
    assert status == 1
    assert "Error: The process that runs the cases does not start." in told


@pytest.mark.parametrize(
    ("user", "lacks", "told"),
    [
        (0, "", "root"),
        (1000, "", "an ordinary user"),
        (0, "pytest has no x", "slower: pytest has no x"),
    ],
)
def test_the_surroundings_are_told(
    monkeypatch: pytest.MonkeyPatch, user: int, lacks: str, told: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(session, "unavailable", lambda: lacks)
    assert told in "\n".join(doctor._surroundings())


def test_local_runs_are_warned_of_what_nothing_keeps() -> None:
    assert doctor.weakness(report(ALL)) == ""
    told = doctor.weakness(report(ALL - KEEPERS[Promise.NETWORK] - KEEPERS[Promise.FILES]))
    assert told == (
        "Nothing on this machine sees to it that a script reads and writes no file but its own, or "
        "that it reaches nothing but the tested API; see `testops doctor`."
    )


def test_the_real_machine_is_looked_at() -> None:
    result = CliRunner().invoke(doctor.doctor, ["--cage", "none"])
    assert result.exit_code == 0
    assert "Layers of the cage" in result.output
