import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError
from app.models import CheckStatistic, QuarantineLift, Result, Run, Suite
from app.services import runs
from app.services.analytics import counting, figures, quarantine
from app.settings import Settings
from tests.factories import histories, rows


def confined(session: Session, policy: Settings) -> tuple[Suite, CheckStatistic]:
    """A suite with a check that went into quarantine before this transaction began."""
    suite = rows.suite(session, policy, cases=1)
    [*_, last] = histories.history(session, suite, policy, "grgr")
    counting.count(session, last.id, settings=policy)
    found = session.scalars(select(CheckStatistic)).one()
    offset = rows.now() - histories.at(5)
    assert found.quarantined_at is not None
    assert found.quarantined_until is not None
    found.quarantined_at += offset
    found.quarantined_until += offset
    session.flush()
    return suite, found


def ended(session: Session, suite: Suite, policy: Settings, **signs: str) -> Run:
    run = runs.start(session, suite.id, settings=policy)
    [case_id] = rows.case_ids(session, run.id)
    checks = [histories.check(case_id, sign, name) for name, sign in signs.items()]
    histories.end(session, run, case_id, *checks)
    session.flush()
    session.refresh(run)
    return run


def in_quarantine(session: Session, suite: Suite) -> list[str]:
    chosen = figures.checks(session, suite.id, figures.Chosen.QUARANTINED)
    return [each.check for each in chosen.items]


def test_a_red_check_in_quarantine_is_marked_and_counted_apart(
    session: Session, policy: Settings
) -> None:
    suite, _ = confined(session, policy)
    run = ended(session, suite, policy, test_a="r", test_b="r")
    assert (run.failed, run.quarantined) == (2, 1)
    marked = session.scalars(select(Result.check).where(Result.is_quarantined)).all()
    assert marked == ["test_a"]
    green = ended(session, suite, policy, test_a="g", test_b="g")
    assert green.quarantined == 0


def test_a_lifted_quarantine_counts_no_more(session: Session, policy: Settings) -> None:
    suite, known = confined(session, policy)
    assert in_quarantine(session, suite) == ["test_a"]
    assert known.id
    user = rows.user(session)
    lifted = quarantine.lift(session, known.id, user_id=user.id)
    assert lifted.quarantined_until is not None
    noted = session.scalars(select(QuarantineLift)).one()
    assert (noted.created_at, noted.created_by) == (lifted.quarantined_until, user.id)
    # The clock of the transaction stands still: what ends in it ended before the lift.
    session.execute(CheckStatistic.__table__.update().values(quarantined_until=histories.at(9)))  # type: ignore[attr-defined]  # a table
    assert in_quarantine(session, suite) == []
    assert ended(session, suite, policy, test_a="r").quarantined == 0
    with pytest.raises(ConflictError, match="not in quarantine"):
        quarantine.lift(session, known.id)


@pytest.mark.parametrize("check_id", [rows.NOWHERE, "x", "\x00"])
def test_a_check_that_is_not_there_is_not_lifted(session: Session, check_id: str) -> None:
    with pytest.raises(NotFoundError, match="no such check"):
        quarantine.lift(session, check_id)


def test_a_check_that_was_never_flaky_is_not_lifted(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    [run] = histories.history(session, suite, policy, "g")
    counting.count(session, run.id, settings=policy)
    known = session.scalars(select(CheckStatistic)).one()
    assert known.id
    with pytest.raises(ConflictError):
        quarantine.lift(session, known.id)


def test_a_run_that_has_nothing_red_asks_nothing(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=1)
    assert quarantine.mark(session, run) == 0
