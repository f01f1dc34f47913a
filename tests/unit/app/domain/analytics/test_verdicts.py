import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.analytics import verdicts
from app.domain.analytics.facts import Asked, Change
from app.domain.analytics.symptoms import Symptoms
from app.domain.analytics.verdicts import Cause
from app.domain.outcomes import Outcome
from tests.unit.app.domain.analytics.runs_of import at

PLAIN = Symptoms(Outcome.FAILED, "test_a", "assert 1 == 2")
MISMATCH = dataclasses.replace(
    PLAIN,
    message="GET http://a/pets answered 200 OK: expected a body that fits its schema.\nat /id: no",
)
ERRORED = dataclasses.replace(PLAIN, outcome=Outcome.ERRORED)


def answered(status: int, base: Symptoms = PLAIN) -> Symptoms:
    return dataclasses.replace(
        base, message=f"GET http://a/pets answered {status} X: expected a success (2xx)."
    )


def said(message: str, base: Symptoms = ERRORED) -> Symptoms:
    return dataclasses.replace(base, message=message)


def unanswered(error: str, *, others: bool = True) -> Symptoms:
    return dataclasses.replace(
        ERRORED,
        message=f"TargetError: GET http://a/pets got no answer: {error}",
        others_were_answered=others,
    )


CASES: list[tuple[str, Symptoms, Cause, str]] = [
    ("a server error", answered(500), Cause.API, "answered 500, a server error"),
    ("away", answered(503), Cause.ENVIRONMENT, "away or overloaded"),
    ("too often", answered(429), Cause.ENVIRONMENT, "asked too often"),
    ("credentials", answered(401), Cause.ENVIRONMENT, "credentials"),
    ("another status", answered(404), Cause.API, "did not do as expected"),
    ("not as documented", MISMATCH, Cause.API, "not as documented"),
    ("an assertion", PLAIN, Cause.API, "assert 1 == 2"),
    (
        "the last exchange",
        dataclasses.replace(PLAIN, asked=[Asked("GET", "http://a", 500)]),
        Cause.API,
        "server error",
    ),
    (
        "passed again",
        dataclasses.replace(answered(500), reruns=[Outcome.FAILED, Outcome.PASSED]),
        Cause.FLAKE,
        "passed when it was run again (1 of 2 times)",
    ),
    (
        "red again",
        dataclasses.replace(answered(500), reruns=[Outcome.FAILED]),
        Cause.API,
        "server error",
    ),
    (
        "flaky by its history",
        dataclasses.replace(answered(500), flaky="It changed."),
        Cause.FLAKE,
        "It changed.",
    ),
    (
        "described anew",
        dataclasses.replace(
            MISMATCH, last_good_at=at(0), described_anew=Change(3, at(1)), is_rewritten=True
        ),
        Cause.DESCRIPTION,
        "Version 3 of the API description changed this operation on 2026-01-01",
    ),
    (
        "rewritten",
        dataclasses.replace(MISMATCH, last_good_at=at(0), is_rewritten=True),
        Cause.TEST,
        "The script was changed after the check had last passed (2026-01-01)",
    ),
    (
        "elsewhere",
        dataclasses.replace(ERRORED, is_elsewhere=True),
        Cause.ENVIRONMENT,
        "another base URL",
    ),
    (
        "rewritten, but a server error",
        dataclasses.replace(answered(500), last_good_at=at(0), is_rewritten=True),
        Cause.API,
        "server error",
    ),
    ("rewritten, never passed", dataclasses.replace(PLAIN, is_rewritten=True), Cause.API, "assert"),
    ("unreachable", unanswered("a:80 cannot be reached: refused"), Cause.ENVIRONMENT, "refused"),
    (
        "slow alone",
        unanswered("http://a did not answer within 30 s"),
        Cause.API,
        "while other requests did",
    ),
    (
        "slow as all are",
        unanswered("http://a did not answer within 30 s", others=False),
        Cause.ENVIRONMENT,
        "did not answer within",
    ),
    (
        "no reason given",
        dataclasses.replace(ERRORED, asked=[Asked("GET", "http://a", None)]),
        Cause.ENVIRONMENT,
        "got no answer: no answer",
    ),
    (
        "a contract that cannot be used",
        said("ContractError: The schema at /x cannot be used: y"),
        Cause.DESCRIPTION,
        "The API description cannot be used",
    ),
    ("an error of the script", said("NameError: name 'x'"), Cause.TEST, "an error of its own"),
    ("in its setup", said("setup: ValueError: x"), Cause.TEST, "an error of its own"),
    ("killed", said("The process of the case was killed by SIGKILL."), Cause.TEST, "at fault"),
    (
        "a pass nobody saw",
        said("It reported a pass that nothing proves. X"),
        Cause.TEST,
        "The script is at fault",
    ),
    (
        "the module",
        dataclasses.replace(said("SyntaxError: x"), check=""),
        Cause.TEST,
        "The module itself",
    ),
    (
        "nobody ran it",
        dataclasses.replace(said("No runner finished this case in 3 attempts."), check=""),
        Cause.ENVIRONMENT,
        "the platform could not",
    ),
    (
        "late while asking",
        dataclasses.replace(
            said("The check took longer than its limit of 30 seconds."),
            asked=[Asked("GET", "http://a", 200)],
        ),
        Cause.API,
        "while it was asking",
    ),
    (
        "late by itself",
        said("The check took longer than its limit of 30 seconds."),
        Cause.TEST,
        "asked the API nothing",
    ),
    (
        "late as a case",
        dataclasses.replace(said("The case took longer than its limit of 60 seconds."), check=""),
        Cause.TEST,
        "The case as a whole ran into its time limit",
    ),
    ("without a message", said(""), Cause.TEST, "no message"),
]


@pytest.mark.parametrize(
    ("symptoms", "cause", "reason"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_evidence_decides(symptoms: Symptoms, cause: Cause, reason: str) -> None:
    found = verdicts.of(symptoms)
    assert found.cause is cause
    assert reason in found.reason
    assert found.evidence[0].text == found.reason


def test_what_speaks_for_another_cause_is_kept() -> None:
    found = verdicts.of(dataclasses.replace(answered(500), reruns=[Outcome.PASSED]))
    assert [each.cause for each in found.evidence] == [Cause.FLAKE, Cause.API, Cause.API]
    weights = [each.weight for each in found.evidence]
    assert weights == sorted(weights, reverse=True)


def test_a_long_message_is_cut() -> None:
    assert len(verdicts.of(said("x" * 5000, PLAIN)).reason) < 400


@given(
    outcome=st.sampled_from([Outcome.FAILED, Outcome.ERRORED]),
    check=st.text(max_size=60),
    message=st.text(max_size=200),
    others=st.booleans(),
)
def test_every_red_check_has_a_verdict(
    outcome: Outcome, check: str, message: str, *, others: bool
) -> None:
    found = verdicts.of(Symptoms(outcome, check, message, others_were_answered=others))
    assert found.reason
