from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from app.domain.outcomes import Outcome
from app.domain.plans import PlannedCase
from app.domain.results import CaseFinished, CaseStarted, CheckFinished, Deletion, Exchange, Message
from local import findings, reports, summary
from local.findings import Finding, Leftover

EXCHANGE = Exchange(
    method="POST",
    url="http://a.test/pets",
    request=Message((), '{"name":\n "Bo"}'),
    status=500,
    response=Message((), "x" * 400),
    duration_seconds=0.0123,
)
SILENT = Exchange("GET", "http://a.test/", Message((), ""), None, None, 1.0, "refused")


def finding(outcome: Outcome, **changes: object) -> Finding:
    values: dict[str, object] = {
        "operation": "GET /pets",
        "case": "tests/test_pets.py",
        "check": "test_it",
        "outcome": outcome,
        "message": "",
        "traceback": "",
        "duration_seconds": 0.5,
        "exchanges": (),
    }
    return Finding(**(values | changes))  # type: ignore[arg-type] # each value fits its field


ALL = [
    finding(Outcome.PASSED, exchanges=(SILENT, EXCHANGE)),
    finding(Outcome.FAILED, check="test_b", message="expected 200\nbut \x00", traceback="E <no>"),
    finding(Outcome.SKIPPED, check="test_c", message="needs a key"),
    finding(Outcome.SKIPPED, check="test_d"),
    finding(Outcome.ERRORED, operation="", case="other.py", check="", message="SyntaxError"),
]


def test_the_json_object_holds_every_check_and_the_totals() -> None:
    document = json.loads(reports.as_json(ALL))
    assert document["totals"] == {
        "checks": 5,
        "passed": 1,
        "failed": 1,
        "errored": 1,
        "skipped": 2,
    }
    assert document["checks"][0] == {
        "operation": "GET /pets",
        "case": "tests/test_pets.py",
        "check": "test_it",
        "outcome": "passed",
        "message": "",
        "duration_seconds": 0.5,
        "requests": 2,
        "is_flaky": False,
    }
    assert document["checks"][4]["check"] == ""
    assert document["checks"][4]["outcome"] == "errored"


def test_junit_has_a_suite_for_each_case() -> None:
    root = ET.fromstring(reports.as_junit(ALL))  # noqa: S314 - our own document
    assert root.attrib == {
        "name": "testops",
        "tests": "5",
        "failures": "1",
        "errors": "1",
        "skipped": "2",
        "time": "2.500",
    }
    assert [suite.get("name") for suite in root] == ["other.py", "tests/test_pets.py"]
    broken, pets = root
    assert broken[0].attrib["classname"] == "other.py"
    assert broken[0].attrib["name"] == "(the case itself)"
    error = broken[0].find("error")
    assert error is not None
    assert error.text == "SyntaxError"
    failure = pets[1].find("failure")
    assert failure is not None
    assert (failure.get("message"), failure.text) == ("expected 200", "E <no>")
    assert pets[0].find("*") is None
    assert pets[2].find("skipped") is not None


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    text = reports.as_junit([finding(Outcome.FAILED, message="a\x00b\ud800c\u2028")])
    message = ET.fromstring(text)[0][0][0].get("message")  # noqa: S314 - our own document
    assert message == "a\ufffdb\ufffdc\u2028"


def test_an_empty_run_makes_empty_reports() -> None:
    assert json.loads(reports.as_json([]))["checks"] == []
    assert ET.fromstring(reports.as_junit([])).get("tests") == "0"  # noqa: S314 - as above


def test_the_summary_shows_failures_skips_and_totals() -> None:
    assert list(summary.lines(ALL, 2)) == [
        "FAILED GET /pets  test_b",
        "  in tests/test_pets.py",
        "  expected 200",
        "  but \x00",
        "",
        "ERRORED other.py",
        "  in other.py",
        "  SyntaxError",
        "",
        "skipped 1: needs a key",
        "skipped 1: no reason given",
        "5 checks in 2 cases: 1 passed, 1 failed, 1 errored, 2 skipped",
    ]


def test_reports_tell_what_was_left_behind() -> None:
    """What is gone is counted; what stays is shown."""
    leftovers = [
        Leftover("a.py", Deletion("http://a/b/2", 204)),
        Leftover("b.py", Deletion("http://a/b/1", 403, "DELETE was answered 403.")),
    ]
    assert json.loads(reports.as_json([], leftovers))["deletions"] == [
        {"case": "a.py", "url": "http://a/b/2", "status": 204, "remark": ""},
        {
            "case": "b.py",
            "url": "http://a/b/1",
            "status": 403,
            "remark": "DELETE was answered 403.",
        },
    ]
    assert list(summary.lines([], 2, leftovers))[:-1] == [
        "left behind by b.py: http://a/b/1  DELETE was answered 403.",
        "cleaned up: 1 deleted that cases had created and left behind",
    ]
    assert list(summary.lines([], 2, leftovers[1:]))[:-1] == [
        "left behind by b.py: http://a/b/1  DELETE was answered 403."
    ]


def test_the_summary_shows_the_last_exchange_in_short() -> None:
    loud = finding(
        Outcome.FAILED, message="\n".join("abcdefghijklmn"), exchanges=(SILENT, EXCHANGE)
    )
    shown = list(summary.lines([loud], 1))
    assert shown[2:14] == [f"  {letter}" for letter in "abcdefghijkl"]
    assert shown[14:19] == [
        "  … (2 more lines)",
        "  > POST http://a.test/pets",
        '  > {"name": "Bo"}',
        "  < 500 after 12 ms",
        f"  < {'x' * 300}…",
    ]


def test_the_summary_says_where_no_response_came_and_repeats_no_body() -> None:
    silent = finding(Outcome.ERRORED, message="no answer", exchanges=(SILENT,))
    assert "  < no response: refused" in list(summary.lines([silent], 1))
    told = finding(Outcome.FAILED, message="x" * 400, exchanges=(EXCHANGE,))
    shown = list(summary.lines([told], 1))
    assert shown[-3] == "  < 500 after 12 ms"


def test_findings_come_from_the_ends_of_checks_and_of_broken_cases() -> None:
    case = PlannedCase("tests/test_pets.py", "GET /pets", "test_pets.py", "")
    check = CheckFinished("tests/test_pets.py", "test_it", Outcome.PASSED, duration_seconds=0.5)
    assert findings.of(case, check) == finding(Outcome.PASSED)
    broken = CaseFinished("tests/test_pets.py", Outcome.ERRORED, "killed", 0.5)
    assert findings.of(case, broken) == finding(Outcome.ERRORED, check="", message="killed")
    assert findings.of(case, CaseFinished("tests/test_pets.py", Outcome.PASSED)) is None
    assert findings.of(case, CaseStarted("tests/test_pets.py")) is None
