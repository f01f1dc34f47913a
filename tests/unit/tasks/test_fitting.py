"""Reports that are too large for a message."""

from __future__ import annotations

from dataclasses import replace

from app.domain.outcomes import Outcome
from app.domain.results import (
    CaseFinished,
    CaseStarted,
    CheckFinished,
    Event,
    Exchange,
    Message,
    Rerun,
)
from app.domain.strength import CaseSummary, CheckSummary
from app.messages import events
from app.messages.events import Envelope, Reported
from tasks import fitting

HEADERS = (("Content-Type", "text/plain"),)


def exchange(body: str) -> Exchange:
    return Exchange("GET", "http://api/x", Message(HEADERS, ""), 200, Message(HEADERS, body), 0.1)


def fitted(event: Event) -> tuple[Envelope, Event]:
    reported = Reported("r", 0, 1, event)
    envelope = fitting.fit(events.wrap(reported, event_id="e", key="r"), reported)
    read = events.read(envelope.type, envelope.body)
    assert isinstance(read, Reported)
    return envelope, read.event


def test_what_fits_is_left_alone() -> None:
    event = CheckFinished("c", "test_x", Outcome.PASSED, exchanges=(exchange("hello"),))
    assert fitted(event)[1] == event


def test_bodies_of_exchanges_go_first_and_are_marked() -> None:
    silent = Exchange("GET", "http://api/y", Message(HEADERS, "sent"), None, None, 0.1, "refused")
    event = CheckFinished(
        "c", "test_x", Outcome.FAILED, message="why", exchanges=(exchange("x" * 10**6), silent) * 2
    )
    envelope, read = fitted(event)
    assert isinstance(read, CheckFinished)
    assert len(envelope.body) <= fitting.MOST_BYTES
    assert read.message == "why"
    first, second = read.exchanges[:2]
    assert first.response == Message(HEADERS, "", truncated=True)
    assert first.request == Message(HEADERS, "")
    assert second.request == Message(HEADERS, "", truncated=True)
    assert (second.response, second.error) == (None, "refused")


def test_what_was_run_again_is_cut_as_well() -> None:
    rerun = Rerun(Outcome.PASSED, "m", "t", "o", 0.5, (exchange("x" * 10**6),) * 2)
    event = CheckFinished("c", "test_x", Outcome.FAILED, reruns=(rerun, rerun))
    envelope, read = fitted(event)
    assert isinstance(read, CheckFinished)
    assert len(envelope.body) <= fitting.MOST_BYTES
    assert [one.traceback for one in read.reruns] == ["t", "t"]
    bodies = [one.response.body for one in read.reruns[0].exchanges if one.response]
    assert bodies == ["", ""]
    many = replace(rerun, exchanges=(exchange("x"),) * 10_000)
    _, read = fitted(replace(event, reruns=(many,)))
    assert isinstance(read, CheckFinished)
    assert read.reruns == (Rerun(Outcome.PASSED, "m", duration_seconds=0.5),)


def test_then_the_exchanges_go_and_the_output_says_so() -> None:
    event = CheckFinished("c", "test_x", Outcome.FAILED, exchanges=(exchange("x"),) * 10_000)
    envelope, read = fitted(event)
    assert isinstance(read, CheckFinished)
    assert len(envelope.body) <= fitting.MOST_BYTES
    assert read.exchanges == ()
    assert read.output == fitting.CUT


def test_texts_of_the_worst_kind_fit_after_all() -> None:
    worst = "\x00" * 10**6
    event = CheckFinished(
        "c", "test_x", Outcome.FAILED, worst, worst, worst, worst, exchanges=(exchange(worst),)
    )
    envelope, read = fitted(event)
    assert isinstance(read, CheckFinished)
    assert len(envelope.body) <= fitting.MOST_BYTES
    assert read.traceback.endswith(fitting.CUT)
    assert len(read.traceback) == fitting.MOST_TEXT


def test_the_message_of_a_case_is_cut() -> None:
    envelope, read = fitted(CaseFinished("c", Outcome.ERRORED, "x" * 2 * 10**6))
    assert isinstance(read, CaseFinished)
    assert len(envelope.body) <= fitting.MOST_BYTES
    assert read.message.endswith(fitting.CUT)


def test_events_without_texts_stay_what_they_are() -> None:
    event = CaseStarted("c" * 2 * 10**6)
    assert fitted(event)[1] == event


def test_of_a_strength_that_is_too_large_the_figures_are_told() -> None:
    check = CheckSummary("test_x" * 10**6, 1, 2, 0, 0, "", is_vacuous=False, survivors=())
    strength = CaseSummary(noticed=1, survived=2, vacuous=0, remark="", checks=(check,))
    _, read = fitted(CaseFinished("c", Outcome.PASSED, strength=strength))
    assert isinstance(read, CaseFinished)
    assert read.strength == replace(strength, checks=())
