"""What is told of the strength of checks."""

from __future__ import annotations

import json

import pytest

from app.domain.outcomes import Outcome
from app.domain.strength import CaseStrength, Change, CheckStrength, Duty, Fate, Kind, Trial
from local import strength_reports

CHANGE = Change(Kind.NULLED, 1, "GET http://api.test/books", "/body/0/id", "null for 1")
DUTY = Duty("the body does not fit its schema", "#/paths/~1books/get")
OUTCOMES = {Fate.NOTICED: Outcome.FAILED, Fate.SURVIVED: Outcome.PASSED, Fate.UNDECIDED: None}


def check(name: str, *fates: Fate, untried: int = 0, remark: str = "") -> CheckStrength:
    trials = tuple(Trial(CHANGE, DUTY, fate, OUTCOMES[fate], "told") for fate in fates)
    return CheckStrength(name, trials, untried, remark)


STRONG = check("test_strong", Fate.NOTICED, Fate.NOTICED)
FOUND = [
    CaseStrength("test_books.py", "GET /books", (STRONG, check("test_vacuous", Fate.SURVIVED))),
    CaseStrength(
        "test_own.py",
        "",
        (
            check("test_weak", Fate.NOTICED, *[Fate.SURVIVED] * 7, Fate.UNDECIDED, untried=3),
            check("test_skipped", remark="It did not pass when it was recorded: skipped."),
        ),
    ),
]


def test_a_reader_sees_what_survived_and_a_table() -> None:
    survived = [
        "  GET http://api.test/books: nulled at /body/0/id: null for 1",
        "    should be noticed: the body does not fit its schema (#/paths/~1books/get); it passed",
    ]
    assert list(strength_reports.lines(FOUND)) == [
        "VACUOUS GET /books  test_vacuous",
        *survived,
        "",
        "WEAK test_own.py  test_weak",
        *survived * 5,
        "  … and 2 more",
        "",
        "NOT TRIED test_own.py  test_skipped",
        "  It did not pass when it was recorded: skipped.",
        "",
        "operation    checks  changes  noticed  survived  undecided  untried    rate",
        "GET /books        2        3        2         1          0        0  66.6 %",
        "test_own.py       2        9        1         7          1        3  12.5 %",
        "4 checks in 2 cases: 27.2 % of 12 changes noticed, 1 vacuous",
    ]


def test_an_answer_changed_as_a_whole_is_said_to_be_that() -> None:
    stale = Change(Kind.STALE_READ, 1, "GET http://api.test/books/1", "", "as before PUT")
    trial = Trial(stale, DUTY, Fate.SURVIVED, None)
    found = [CaseStrength("c", "", (CheckStrength("test_it", (trial,)),))]

    line = list(strength_reports.lines(found))[1]
    assert line.endswith(": stale read after write at the answer: as before PUT")


def test_a_case_that_broke_is_told() -> None:
    broken = CaseStrength("test_own.py", "", remark="It was killed.\nIn line 7.")

    told = list(strength_reports.lines([broken]))

    assert told[:4] == ["BROKEN test_own.py", "  It was killed.", "  In line 7.", ""]
    assert told[-1] == "0 checks in 1 cases: - of 0 changes noticed, 0 vacuous"
    assert json.loads(strength_reports.as_json([broken]))["cases"][0]["remark"] == broken.remark


def test_a_program_reads_every_trial() -> None:
    document = json.loads(strength_reports.as_json(FOUND))

    assert document["totals"] == {
        "checks": 4,
        "kill_rate": pytest.approx(3 / 11),
        "vacuous": 1,
        "changes": 12,
        "noticed": 3,
        "survived": 8,
        "undecided": 1,
        "untried": 3,
    }
    books, own = document["cases"]
    assert (books["vacuous"], own["case"], own["kill_rate"]) == (
        ["test_vacuous"],
        "test_own.py",
        0.125,
    )
    assert books["checks"][1]["trials"] == [
        {
            "kind": "nulled",
            "exchange": 1,
            "request": "GET http://api.test/books",
            "place": "/body/0/id",
            "told": "null for 1",
            "rule": "the body does not fit its schema",
            "source": "#/paths/~1books/get",
            "fate": "survived",
            "outcome": "passed",
            "message": "told",
        }
    ]
    assert books["checks"][1]["is_vacuous"]
    assert own["checks"][1]["remark"] == "It did not pass when it was recorded: skipped."


def test_weak_is_what_is_vacuous_or_below_what_is_wished_for() -> None:
    strong = [CaseStrength("c", "", (STRONG,))]
    middling = [CaseStrength("c", "", (check("test_it", Fate.NOTICED, Fate.SURVIVED),))]
    nothing: list[CaseStrength] = []

    assert strength_reports.is_weak(FOUND, 0)
    assert [strength_reports.is_weak(middling, least) for least in (0, 0.5, 0.6)] == [0, 0, 1]
    assert not strength_reports.is_weak(strong, 1)
    assert not strength_reports.is_weak(nothing, 1)
