"""Verdicts: why a check is red. Each rule looks for one kind of evidence; the weightiest decides.

What speaks for another verdict is kept beside it, so that whoever reads it can judge for himself.
A verdict never changes an outcome.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from app.domain.analytics.facts import Asked
from app.domain.analytics.symptoms import Symptoms
from app.domain.outcomes import Outcome


class Cause(StrEnum):
    """What a red check has its reason in."""

    API = "api"
    DESCRIPTION = "description"
    TEST = "test"
    ENVIRONMENT = "environment"
    FLAKE = "flake"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that speaks for a cause, in words."""

    cause: Cause
    #: How strongly, from 0 to 100; only the order matters.
    weight: int
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The cause that most speaks for, its reason in words, and all the evidence."""

    cause: Cause
    reason: str
    evidence: tuple[Evidence, ...]


#: Answers of what stands before an API, not of the API (RFC 9110, sections 15.6.3 to 15.6.5).
_BETWEEN = {502: "a gateway got no good answer", 503: "it is away or overloaded", 504: "a time-out"}
#: Who asks is not known or may not (RFC 9110, sections 15.5.2, 15.5.4 and 15.5.8).
_ACCESS = frozenset({401, 403, 407})
#: What `testops` says where an answer is not as documented.
_MISMATCHES = (
    "expected a body that fits its schema",
    "expected a documented status",
    "expected Content-Type",
    "expected the header",
    "expected a header",
    "expected a JSON body",
    "which no schema of this answer lists",
)
#: What the platform says where it did not come to execute something.
_OURS = (
    "No runner finished this case",
    "The case could not be sent again",
    "The case is too large",
)
#: What it says of a script that did not keep to its own.
_MISBEHAVED = (
    "The process of the case was killed",
    "It reported a pass that nothing proves",
    "What the process of the case told",
    "The case ended without a check",
)
#: A check or case that ran into its limit.
_LATE = re.compile(r"^The (?:check|case) took longer than its limit", re.MULTILINE)
#: An exception's type at the beginning of a message, perhaps after the phase it was raised in.
_RAISED = re.compile(r"^(?:setup: |teardown: )?(?P<type>[A-Za-z_]\w*(?:\.\w+)*)(?::|$)")


def of(symptoms: Symptoms) -> Verdict:
    """The verdict on a check that is red."""
    found = [evidence for rule in _RULES if (evidence := rule(symptoms)) is not None]
    ordered = sorted(found, key=lambda evidence: -evidence.weight)
    return Verdict(ordered[0].cause, ordered[0].text, tuple(ordered))


def _passed_again(symptoms: Symptoms) -> Evidence | None:
    passed = sum(outcome is Outcome.PASSED for outcome in symptoms.reruns)
    if not passed:
        return None
    times = f"{passed} of {len(symptoms.reruns)} times"
    return Evidence(Cause.FLAKE, 90, f"It passed when it was run again ({times}).")


def _changes_its_mind(symptoms: Symptoms) -> Evidence | None:
    return Evidence(Cause.FLAKE, 75, symptoms.flaky) if symptoms.flaky else None


def _platform(symptoms: Symptoms) -> Evidence | None:
    if not symptoms.message.startswith(_OURS):
        return None
    return Evidence(Cause.ENVIRONMENT, 88, "It was not executed: the platform could not.")


def _no_answer(symptoms: Symptoms) -> Evidence | None:
    asked = symptoms.decisive
    if asked is None or asked.status is not None:
        return None
    error = asked.error or "no answer"
    if symptoms.others_were_answered and _is_its_own(error):
        text = f"{_request(asked)} got no answer ({error}), while other requests did."
        return Evidence(Cause.API, 68, text)
    return Evidence(Cause.ENVIRONMENT, 85, f"{_request(asked)} got no answer: {error}.")


def _is_its_own(error: str) -> bool:
    """Whether the API took the request and failed at it: it could be reached."""
    return "did not answer within" in error or "gave no usable answer" in error


def _broken_test(symptoms: Symptoms) -> Evidence | None:
    if not (symptoms.check or symptoms.message.startswith(_OURS) or _LATE.search(symptoms.message)):
        text = f"The module itself could not be executed: {_first(symptoms.message)}"
        return Evidence(Cause.TEST, 82, text)
    if symptoms.message.startswith(_MISBEHAVED):
        return Evidence(Cause.TEST, 82, f"The script is at fault: {_first(symptoms.message)}")
    raised = _RAISED.match(symptoms.message)
    if symptoms.outcome is not Outcome.ERRORED or raised is None:
        return None
    name = raised["type"].rpartition(".")[2]
    if name == "TargetError":
        return None
    if name == "ContractError":
        text = f"The API description cannot be used: {_first(symptoms.message)}"
        return Evidence(Cause.DESCRIPTION, 80, text)
    text = f"The script ended with an error of its own: {_first(symptoms.message)}"
    return Evidence(Cause.TEST, 60, text)


def _late(symptoms: Symptoms) -> Evidence | None:
    if not _LATE.search(symptoms.message):
        return None
    if not symptoms.check:
        return Evidence(Cause.TEST, 45, "The case as a whole ran into its time limit.")
    if symptoms.asked:
        text = "It ran into its time limit while it was asking the API."
        return Evidence(Cause.API, 45, text)
    return Evidence(Cause.TEST, 70, "It ran into its time limit and asked the API nothing.")


def _server_error(symptoms: Symptoms) -> Evidence | None:
    asked = symptoms.decisive
    if asked is None or asked.status is None or asked.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    if asked.status in _BETWEEN:
        text = f"{_request(asked)} answered {asked.status}: {_BETWEEN[asked.status]}."
        return Evidence(Cause.ENVIRONMENT, 72, text)
    return Evidence(Cause.API, 71, f"{_request(asked)} answered {asked.status}, a server error.")


def _held_off(symptoms: Symptoms) -> Evidence | None:
    asked = symptoms.decisive
    if asked is None:
        return None
    if asked.status == HTTPStatus.TOO_MANY_REQUESTS:
        text = f"{_request(asked)} answered 429: it was asked too often."
        return Evidence(Cause.ENVIRONMENT, 64, text)
    if asked.status in _ACCESS:
        text = f"{_request(asked)} answered {asked.status}: look at the environment's credentials."
        return Evidence(Cause.ENVIRONMENT, 56, text)
    return None


def _described_anew(symptoms: Symptoms) -> Evidence | None:
    change = symptoms.described_anew
    if change is None:
        return None
    text = (
        f"Version {change.number} of the API description changed this operation on "
        f"{change.at:%Y-%m-%d}, after the check had last passed."
    )
    return Evidence(Cause.DESCRIPTION, 66, text)


def _rewritten(symptoms: Symptoms) -> Evidence | None:
    if symptoms.last_good_at is None or not symptoms.is_rewritten:
        return None
    day = f"{symptoms.last_good_at:%Y-%m-%d}"
    text = f"The script was changed after the check had last passed ({day})."
    return Evidence(Cause.TEST, 65, text)


def _elsewhere(symptoms: Symptoms) -> Evidence | None:
    if not symptoms.is_elsewhere:
        return None
    # An answer that breaks the description breaks it wherever it comes from.
    text = "The environment has another base URL than when the check last passed."
    return Evidence(Cause.ENVIRONMENT, 35, text)


def _mismatch(symptoms: Symptoms) -> Evidence | None:
    if not any(phrase in symptoms.message for phrase in _MISMATCHES):
        return None
    return Evidence(Cause.API, 50, f"The answer is not as documented: {_first(symptoms.message)}")


def _anything(symptoms: Symptoms) -> Evidence | None:
    """Every red check has a verdict: a failure is the API's until something says otherwise."""
    if symptoms.outcome is Outcome.FAILED:
        return Evidence(
            Cause.API, 40, f"The API did not do as expected: {_first(symptoms.message)}"
        )
    return Evidence(Cause.TEST, 30, f"It could not be decided: {_first(symptoms.message)}")


#: Of rules with equal weight the first one here decides.
_RULES: Final[Sequence[Callable[[Symptoms], Evidence | None]]] = (
    _passed_again,
    _platform,
    _no_answer,
    _changes_its_mind,
    _broken_test,
    _late,
    _server_error,
    _described_anew,
    _rewritten,
    _elsewhere,
    _held_off,
    _mismatch,
    _anything,
)

#: Characters of a message in a reason.
_EXCERPT: Final = 300


def _first(message: str) -> str:
    """The first line that says something."""
    line = next((line.strip() for line in message.splitlines() if line.strip()), "no message")
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1]}…"


def _request(asked: Asked) -> str:
    return f"{asked.method} {asked.url}"
