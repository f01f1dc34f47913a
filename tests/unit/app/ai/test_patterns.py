from __future__ import annotations

import re
import subprocess
import sys

import pytest

from app.ai import patterns
from tests.factories.chances import chance
from tests.shared_material import ROOT


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z]{3}-[0-9]{3}$",
        "^(a+)+$",
        r"^\d{4}-\d{2}$",
        "[^abc]{3}",
        r"^[^\w\s]$",
        "^(red|green)$",
        r"^[\d.]+$",
        "^.{10}$",
        "x*",
    ],
)
def test_a_text_matches_its_pattern(pattern: str) -> None:
    made = patterns.text_for(pattern, chance())

    assert made is not None
    assert re.search(pattern, made)
    assert len(made) < 60


def test_the_spelling_of_ecma_is_understood() -> None:
    made = patterns.text_for(r"\A(?<year>\d{4})\p{L}\z", chance())

    assert made is not None
    assert re.fullmatch(r"\d{4}[a-z]", made)


@pytest.mark.parametrize(
    "pattern",
    ["[", "(?P<x", "a" * 2000, "^.{100000}$", "(a{100}){100}", r"\1", "(?(9)a|b)"],
)
def test_what_cannot_be_read_or_is_too_long_has_no_text(pattern: str) -> None:
    assert patterns.text_for(pattern, chance()) is None


def test_what_python_may_read_otherwise_one_day_is_no_warning() -> None:
    assert patterns.text_for("^[[a]{3}$", chance()) is not None


def test_one_seed_gives_one_text_in_every_process() -> None:
    code = (
        "from app.ai import patterns; from tests.factories.chances import chance;"
        "print(patterns.text_for('[^a-c]{9}[^0-9]{9}[a-z0-9]{9}', chance(7)))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed},
            cwd=ROOT,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(texts) == 1
