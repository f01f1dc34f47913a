import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.analytics.verdicts import Cause
from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.models import Correction, Result, Run
from app.services.analytics import counting, figures, verdicts
from app.services.analytics.verdicts import Judged
from app.settings import Settings
from tests.factories import histories, rows


def red_runs(session: Session, policy: Settings, signs: str = "rr") -> list[Run]:
    suite = rows.suite(session, policy, cases=1)
    made = histories.history(session, suite, policy, signs)
    session.expire_all()
    counting.count(session, made[-1].id, settings=policy)
    return made


def result_of(session: Session, run: Run) -> str:
    return session.scalars(select(Result.id).where(Result.run_id == run.id)).one()


def judged(session: Session, run: Run) -> Judged:
    [found] = verdicts.of_run(session, run.id).items
    return found


def test_a_red_result_has_a_verdict_with_its_evidence(session: Session, policy: Settings) -> None:
    [first, second] = red_runs(session, policy)
    found = judged(session, second)
    assert (found.cause, found.found, found.correction) == (Cause.API, Cause.API, None)
    assert "answered 500, a server error" in found.reason
    assert found.evidence[0].text == found.reason
    assert (found.since_run_id, found.last_good_run_id) == (first.id, None)
    assert verdicts.of_results(session, []) == {}


def test_what_somebody_says_holds_whenever_the_failure_comes_again(
    session: Session, policy: Settings
) -> None:
    [first, second] = red_runs(session, policy)
    user = rows.user(session)
    said = verdicts.correct(
        session,
        first.id,
        result_of(session, first),
        cause="environment",
        note=" The disk was full. ",
        user_id=user.id,
    )
    assert (said.cause, said.found) == (Cause.ENVIRONMENT, Cause.API)
    again = judged(session, second).correction
    assert again is not None
    assert (again.cause, again.note) == (Cause.ENVIRONMENT, "The disk was full.")
    verdicts.correct(session, second.id, result_of(session, second), cause="test")
    assert judged(session, first).cause is Cause.TEST
    assert len(session.scalars(select(Correction)).all()) == 1


def test_a_correction_outlives_a_rebuild_and_can_be_withdrawn(
    session: Session, policy: Settings
) -> None:
    [first, second] = red_runs(session, policy)
    verdicts.correct(session, first.id, result_of(session, first), cause="test")
    counting.rebuild(session, first.suite_id, settings=policy)
    assert judged(session, second).cause is Cause.TEST
    for _ in range(2):
        found = verdicts.withdraw(session, second.id, result_of(session, second))
        assert (found.cause, found.correction) == (Cause.API, None)


def test_what_cannot_be_corrected_is_refused(session: Session, policy: Settings) -> None:
    [run] = red_runs(session, policy, "g")
    with pytest.raises(ConflictError, match="no verdict"):
        verdicts.correct(session, run.id, result_of(session, run), cause="api")
    [red] = red_runs(session, policy, "r")
    with pytest.raises(InvalidInputError, match="no such cause"):
        verdicts.correct(session, red.id, result_of(session, red), cause="weather")
    with pytest.raises(NotFoundError):
        verdicts.withdraw(session, run.id, result_of(session, red))
    with pytest.raises(NotFoundError):
        verdicts.of_run(session, rows.NOWHERE)


def test_what_is_red_now_is_listed_with_its_verdict(session: Session, policy: Settings) -> None:
    [*_, last] = red_runs(session, policy, "grr")
    page = figures.red(session, last.suite_id)
    [line] = page.items
    assert line.known.failing_since == histories.at(1)
    assert line.judged is not None
    assert line.judged.cause is Cause.API
    known = figures.of_suite(session, last.suite_id)
    assert (known.checks, known.red, known.quarantined) == (1, 1, 0)
    assert known.suite is not None
    [group] = figures.groups(session, last.suite_id).items
    assert figures.groups_now(session, last.suite_id, 5) == [
        figures.GroupNow(group, 1, ["GET /pets-1"])
    ]
    assert [each.check for each in figures.checks(session, last.suite_id).items] == ["test_a"]


def test_a_suite_that_never_ran_has_no_figures(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    assert figures.of_suite(session, suite.id) == figures.Known(None, 0, 0, 0)
