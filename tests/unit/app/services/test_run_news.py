import datetime as dt

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.domain.news import Kind
from app.domain.outcomes import Outcome
from app.domain.results import CaseFinished, CheckFinished, Event, Rerun
from app.models import Result, Suite
from app.models.base import new_id
from app.services import generations, results, run_news, runs
from app.services.news import Told
from app.settings import Settings
from tests.factories import rows

PASSED, FAILED, ERRORED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.ERRORED, Outcome.SKIPPED


@pytest.fixture
def suite(session: Session, policy: Settings) -> Suite:
    return rows.suite(session, policy, cases=1)


def ended(session: Session, suite: Suite, policy: Settings, *outcomes: Outcome) -> Told:
    """What is told of a new run of the suite's one case with such checks."""
    run = rows.finished_run(session, suite, policy, *outcomes)
    told = run_news.of_run(session, run.id)
    assert told is not None
    assert (told.key, told.suite_id, told.run_id) == (f"run:{run.id}", suite.id, run.id)
    return told


def test_what_is_red_for_the_first_time_is_new_and_then_is_not(
    session: Session, suite: Suite, policy: Settings
) -> None:
    told = [ended(session, suite, policy, FAILED, PASSED) for _ in range(2)]
    assert [one.kinds[0] for one in told] == [Kind.NEW_FAILURE, Kind.FAILURE]
    assert [one.title for one in told] == ["1 failed (1 new)", "1 failed"]
    assert told[0].text == (
        "2 checks against http://api.test: 1 passed, 1 failed, 0 errored, 0 skipped.\n"
        "- GET /pets-1 test_0 (new)"
    )


def test_a_skip_and_a_cancelled_run_decide_nothing(
    session: Session, suite: Suite, policy: Settings
) -> None:
    ended(session, suite, policy, FAILED)
    ended(session, suite, policy, SKIPPED)
    cancelled = runs.start(session, suite.id, settings=policy)
    runs.cancel(session, cancelled.id)
    session.flush()
    session.refresh(cancelled)
    told = run_news.of_run(session, cancelled.id)
    assert told is not None
    assert (told.kinds, told.title) == ([Kind.FINISH], "cancelled")
    assert ended(session, suite, policy, ERRORED).kinds == [Kind.FAILURE, Kind.FINISH]


def test_what_passes_again_is_a_recovery_where_nothing_is_red(
    session: Session, suite: Suite, policy: Settings
) -> None:
    ended(session, suite, policy, FAILED, FAILED)
    assert Kind.RECOVERY not in ended(session, suite, policy, FAILED, PASSED).kinds
    told = ended(session, suite, policy, PASSED, PASSED)
    assert told.kinds == [Kind.RECOVERY, Kind.FINISH]
    assert told.title == "recovered, 1 that was red passed again"
    ended(session, suite, policy, FAILED, FAILED)
    assert ended(session, suite, policy, PASSED, PASSED).title.startswith("recovered, 2 that were")


@pytest.mark.parametrize(
    ("outcomes", "title"),
    [
        ([PASSED], "all passed"),
        ([SKIPPED], "nothing was checked"),
        ([ERRORED], "1 errored (1 new)"),
        ([FAILED, ERRORED], "1 failed, 1 errored (2 new)"),
    ],
)
def test_the_title_is_the_verdict(
    session: Session, suite: Suite, policy: Settings, outcomes: list[Outcome], title: str
) -> None:
    assert ended(session, suite, policy, *outcomes).title == title


def test_the_first_failures_are_named_with_what_they_said_what_is_new_first(
    session: Session, suite: Suite, policy: Settings
) -> None:
    ended(session, suite, policy, FAILED)
    run = runs.start(session, suite.id, settings=policy)
    [case_id] = rows.case_ids(session, run.id)
    checks = [
        CheckFinished(
            case_id,
            f"test_{n}",
            FAILED,
            message=f"\n said {n}\nmore",
            reruns=(Rerun(PASSED),) * (n == 1),
        )
        for n in range(7)
    ]
    events: list[Event] = [*checks, CaseFinished(case_id, FAILED)]
    results.apply(session, [rows.reported(run.id, event) for event in events])
    session.flush()
    session.refresh(run)
    run.finished_at = dt.datetime.now(dt.UTC)
    told = run_news.of_run(session, run.id)
    assert told is not None
    assert Kind.FLAKY in told.kinds
    assert told.title == "7 failed (6 new)"
    assert told.text.splitlines()[1:] == [
        "- GET /pets-1 test_1 (new) (flaky): said 1",
        *(f"- GET /pets-1 test_{n} (new): said {n}" for n in range(2, 6)),
        "… and 2 more",
    ]


def test_what_is_in_quarantine_fails_no_run(
    session: Session, suite: Suite, policy: Settings
) -> None:
    run = rows.finished_run(session, suite, policy, FAILED, PASSED)
    session.execute(update(Result).where(Result.outcome == FAILED).values(is_quarantined=True))
    run.quarantined = 1
    told = run_news.of_run(session, run.id)
    assert told is not None
    assert (told.kinds, told.title) == ([Kind.FINISH], "nothing red but 1 in quarantine")
    assert told.text.endswith("0 skipped. In quarantine: 1.")


def test_of_what_has_not_ended_or_is_not_there_nothing_is_told(
    session: Session, suite: Suite, policy: Settings
) -> None:
    run = runs.start(session, suite.id, settings=policy)
    generation = generations.request(session, suite.id)
    session.flush()
    for nothing in (run.id, new_id(), "\x00"):
        assert run_news.of_run(session, nothing) is None
    for nothing in (generation.id, new_id(), "\x00"):
        assert run_news.of_generation(session, nothing) is None


def test_cases_that_were_written_are_told(session: Session, suite: Suite) -> None:
    generation = generations.request(session, suite.id)
    session.flush()
    generation.total, generation.written = 3, 2
    generations.finish(session, generation, "No such operation.")
    session.flush()
    session.refresh(generation)
    told = run_news.of_generation(session, generation.id)
    assert told == Told(
        key=f"generation:{generation.id}",
        suite_id=suite.id,
        kinds=[Kind.GENERATION],
        title="2 of 3 cases written, 1 could not be",
        text="No such operation.",
    )
    generation.failed = 0
    again = run_news.of_generation(session, generation.id)
    assert again is not None
    assert again.title == "2 of 3 cases written"
