"""What is told of the strength of checks: a table for a reader, a JSON object for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from app.domain import strength
from app.domain.strength import CaseStrength, CheckStrength, Fate, Trial

_HEAD = ("operation", "checks", "changes", "noticed", "survived", "undecided", "untried", "rate")
#: Survivors that are shown of one check.
_SHOWN = 5


def is_weak(found: Sequence[CaseStrength], least: float) -> bool:
    """Whether a check is vacuous, or fewer changes were noticed than wished for, from 0 to 1."""
    rate = strength.kill_rate(_checks(found))
    return any(case.vacuous for case in found) or (rate is not None and rate < least)


def lines(found: Sequence[CaseStrength]) -> Iterator[str]:
    """What survived and what could not be tried, a table of the cases, and a last line."""
    for case in found:
        if case.remark:
            yield from (f"BROKEN {case.operation or case.case_id}", *_indented(case.remark), "")
        for check in case.checks:
            yield from _about(case, check)
    yield from _table(found)
    checks = _checks(found)
    vacuous = sum(len(case.vacuous) for case in found)
    tried = sum(len(check.trials) for check in checks)
    rate = strength.percent(strength.kill_rate(checks))
    yield (
        f"{len(checks)} checks in {len(found)} cases: {rate} of {tried} changes noticed,"
        f" {vacuous} vacuous"
    )


def as_json(found: Sequence[CaseStrength]) -> str:
    """One object: `cases`, each with its checks and their trials, and `totals`."""
    checks = _checks(found)
    document = {
        "cases": [
            {
                "case": case.case_id,
                "operation": case.operation,
                "kill_rate": case.kill_rate,
                "vacuous": list(case.vacuous),
                "remark": case.remark,
                "checks": [_check(check) for check in case.checks],
            }
            for case in found
        ],
        "totals": {
            "checks": len(checks),
            "kill_rate": strength.kill_rate(checks),
            "vacuous": sum(len(case.vacuous) for case in found),
            **_counts(checks),
        },
    }
    return json.dumps(document, indent=1) + "\n"


def _check(check: CheckStrength) -> dict[str, object]:
    return {
        "check": check.check,
        "kill_rate": check.kill_rate,
        "is_vacuous": check.is_vacuous,
        "remark": check.remark,
        **_counts([check]),
        "trials": [
            {**asdict(trial.change), **asdict(trial.duty), **_outcome(trial)}
            for trial in check.trials
        ],
    }


def _outcome(trial: Trial) -> dict[str, object]:
    return {"fate": trial.fate, "outcome": trial.outcome, "message": trial.message}


def _counts(checks: Sequence[CheckStrength]) -> dict[str, int]:
    fates = [trial.fate for check in checks for trial in check.trials]
    return {
        "changes": len(fates),
        **{str(fate): fates.count(fate) for fate in Fate},
        "untried": sum(check.untried for check in checks),
    }


def _about(case: CaseStrength, check: CheckStrength) -> Iterator[str]:
    """What is worth knowing of one check; nothing where it noticed everything."""
    survivors = [trial for trial in check.trials if trial.fate is Fate.SURVIVED]
    if not (survivors or check.remark):
        return
    loud = "VACUOUS" if check.is_vacuous else "WEAK" if survivors else "NOT TRIED"
    yield f"{loud} {case.operation or case.case_id}  {check.check}"
    yield from _indented(check.remark)
    for trial in survivors[:_SHOWN]:
        change, ended = trial.change, trial.outcome or "nothing"
        yield f"  {change.request}: {change.kind} at {change.place or 'the answer'}: {change.told}"
        yield f"    should be noticed: {trial.duty.rule} ({trial.duty.source}); it {ended}"
    if more := len(survivors[_SHOWN:]):
        yield f"  … and {more} more"
    yield ""


def _indented(text: str) -> Iterator[str]:
    return (f"  {line}" for line in text.splitlines())


def _table(found: Sequence[CaseStrength]) -> Iterator[str]:
    rows = [_HEAD, *(_row(case) for case in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]
        yield "  ".join(cells)


def _row(case: CaseStrength) -> tuple[str, ...]:
    numbers = (len(case.checks), *_counts(case.checks).values())
    name = case.operation or case.case_id
    return (name, *map(str, numbers), strength.percent(case.kill_rate))


def _checks(found: Sequence[CaseStrength]) -> list[CheckStrength]:
    return [check for case in found for check in case.checks]
