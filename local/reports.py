"""What a local run leaves for other programs: a JSON object and JUnit XML."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from operator import attrgetter
from xml.etree import ElementTree as ET

from app.domain.outcomes import Outcome, Totals
from local import findings
from local.findings import Finding, Leftover

#: What XML 1.0 has no form for (section 2.2), not even as a reference.
_NOT_XML = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_ELEMENTS = {Outcome.FAILED: "failure", Outcome.ERRORED: "error", Outcome.SKIPPED: "skipped"}


def as_json(found: Sequence[Finding], leftovers: Sequence[Leftover] = ()) -> str:
    """One object: `checks`, each with its operation, case and outcome, `deletions`, `totals`."""
    counts = findings.totals(found)
    document = {
        "checks": [_check(finding) for finding in found],
        "deletions": [{"case": left.case, **asdict(left.deletion)} for left in leftovers],
        "totals": {
            "checks": counts.checks,
            "passed": counts.passed,
            "failed": counts.failed,
            "errored": counts.errored,
            "skipped": counts.skipped,
        },
    }
    return json.dumps(document, indent=1) + "\n"


def _check(finding: Finding) -> dict[str, object]:
    return {
        "operation": finding.operation,
        "case": finding.case,
        "check": finding.check,
        "outcome": finding.outcome.value,
        "message": finding.message,
        "duration_seconds": round(finding.duration_seconds, 6),
        "requests": len(finding.exchanges),
        "is_flaky": finding.is_flaky,
    }


def as_junit(found: Sequence[Finding]) -> str:
    """JUnit XML as CI servers read it: a suite for each case, a test case for each check."""
    root = ET.Element("testsuites", {"name": "testops", **_counts(found)})
    ordered = sorted(found, key=attrgetter("case"))
    for case, group in itertools.groupby(ordered, key=attrgetter("case")):
        of_case = list(group)
        suite = ET.SubElement(root, "testsuite", {"name": _text(case), **_counts(of_case)})
        for finding in of_case:
            _add(suite, finding)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(found: Iterable[Finding]) -> dict[str, str]:
    listed = list(found)
    counts: Totals = findings.totals(listed)
    seconds = sum(finding.duration_seconds for finding in listed)
    return {
        "tests": str(counts.checks),
        "failures": str(counts.failed),
        "errors": str(counts.errored),
        "skipped": str(counts.skipped),
        "time": f"{seconds:.3f}",
    }


def _add(suite: ET.Element, finding: Finding) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": _text(finding.operation or finding.case),
            "name": _text(finding.check or "(the case itself)"),
            "time": f"{finding.duration_seconds:.3f}",
        },
    )
    if name := _ELEMENTS.get(finding.outcome):
        first = finding.message.partition("\n")[0]
        reason = ET.SubElement(case, name, {"message": _text(first)})
        reason.text = _text(finding.traceback or finding.message)


def _text(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
