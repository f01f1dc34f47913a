import pytest

from app.errors import DescriptionError
from app.openapi import limits
from app.openapi.model import Problem
from app.openapi.problems import Problems


def test_a_problem_is_listed_once_and_without_controls() -> None:
    problems = Problems()
    problems.add("#/a", "odd\x1b[31m")
    problems.add("#/a", "odd\x1b[31m")
    assert problems.count == 2
    assert problems.listed() == (Problem("#/a", "odd[31m"),)


def test_the_list_ends_at_its_limit_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PROBLEMS", 3)
    problems = Problems()
    for number in range(10):
        problems.add(f"#/{number}", "odd")
    listed = problems.listed()
    assert [problem.pointer for problem in listed] == ["#/0", "#/1", "#/2", "#"]
    assert "more problems" in listed[-1].message


def test_a_full_list_that_is_complete_says_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PROBLEMS", 3)
    problems = Problems()
    for number in range(3):
        problems.add(f"#/{number}", "odd")
    assert len(problems.listed()) == 3
    assert problems.listed()[-1].message == "odd"


def test_parts_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PARTS", 3)
    problems = Problems()
    problems.spend(3)
    with pytest.raises(DescriptionError, match="more than 3 parts"):
        problems.spend()
