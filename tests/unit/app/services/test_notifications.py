import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.outcomes import Outcome
from app.models import Notification, Run, Suite
from app.models.base import new_id
from app.services import channels, notifications, results, runs
from app.settings import Settings
from tests.database_fixtures import settings_for
from tests.factories import rows

PASSED, FAILED, ERRORED = Outcome.PASSED, Outcome.FAILED, Outcome.ERRORED
MAIL = "mailto://ada@example.com"


def finished_run(session: Session, suite: Suite, settings: Settings, *outcomes: Outcome) -> Run:
    """A run of the suite's one case with such checks."""
    run = runs.start(session, suite.id, settings=settings)
    [case_id] = rows.case_ids(session, run.id)
    results.apply(session, rows.finished_case(run.id, case_id, *outcomes))
    session.flush()
    return run


def add(session: Session, suite: Suite, settings: Settings, rule: str) -> str:
    made = channels.add(session, suite.id, name=rule, url=MAIL, rule=rule, settings=settings)
    return made.id


def told(session: Session, run: Run) -> set[str | None]:
    statement = select(Notification.channel_id).where(Notification.run_id == run.id)
    return set(session.scalars(statement))


def test_a_red_run_is_told_to_all(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    finish, failure = (add(session, suite, policy, rule) for rule in channels.RULES)
    run = finished_run(session, suite, policy, FAILED)
    assert notifications.plan(session, run.id, settings=policy) == 3
    assert told(session, run) == {None, finish, failure}


def test_a_green_run_is_told_where_every_end_is_asked_for(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy, cases=1)
    finish, _ = (add(session, suite, policy, rule) for rule in channels.RULES)
    run = finished_run(session, suite, policy, PASSED)
    notifications.plan(session, run.id, settings=policy)
    assert told(session, run) == {None, finish}


def test_nobody_is_told_twice(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    add(session, suite, policy, "finish")
    run = finished_run(session, suite, policy, PASSED)
    planned = [notifications.plan(session, run.id, settings=policy) for _ in range(2)]
    assert planned == [2, 0]


def test_of_a_run_that_has_not_ended_nobody_is_told(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy)
    assert notifications.plan(session, run.id, settings=policy) == 0
    assert notifications.plan(session, new_id(), settings=policy) == 0
    assert notifications.plan(session, "\x00", settings=policy) == 0


@pytest.mark.parametrize(
    ("outcomes", "title"),
    [
        ([PASSED], "all passed"),
        ([FAILED, FAILED], "2 failed"),
        ([ERRORED], "1 errored"),
        ([FAILED, ERRORED], "1 failed, 1 errored"),
    ],
)
def test_the_title_is_the_verdict(
    session: Session, policy: Settings, outcomes: list[Outcome], title: str
) -> None:
    suite = rows.suite(session, policy, cases=1)
    run = finished_run(session, suite, policy, *outcomes)
    notifications.plan(session, run.id, settings=policy)
    [notice] = notifications.recent(session)
    assert notice.title == f"{suite.name}: {title}"
    assert notice.text.endswith(f"\nhttp://127.0.0.1:8000/runs/{run.id}")


def test_a_cancelled_run_is_told_as_such(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy)
    runs.cancel(session, run.id)
    session.flush()
    notifications.plan(session, run.id, settings=policy)
    [notice] = notifications.recent(session)
    assert notice.title.endswith(": cancelled")
    assert notice.status == "delivered"


def test_what_is_pending_is_sent_and_marked(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    for rule in channels.RULES:
        add(session, suite, policy, rule)
    run = finished_run(session, suite, policy, FAILED)
    notifications.plan(session, run.id, settings=policy)
    one, other = notifications.pending(session, run.id, settings=policy)
    assert (one.url, one.title) == (MAIL, f"{suite.name}: 1 failed")
    notifications.mark(session, one.notification_id)
    notifications.mark(session, other.notification_id, error="No such host.\x00")
    notifications.mark(session, new_id())
    session.flush()
    assert notifications.pending(session, run.id, settings=policy) == []
    delivered = session.get_one(Notification, one.notification_id, populate_existing=True)
    failed = session.get_one(Notification, other.notification_id, populate_existing=True)
    assert (delivered.status, delivered.error) == ("delivered", "")
    assert delivered.delivered_at is not None
    assert (failed.status, failed.error) == ("failed", "No such host.\u2400")
    assert failed.delivered_at is None


def test_a_channel_whose_secret_cannot_be_opened_has_failed(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy, cases=1)
    add(session, suite, policy, "finish")
    run = finished_run(session, suite, policy, FAILED)
    notifications.plan(session, run.id, settings=policy)
    other_key = settings_for("postgresql://nowhere/none", secret_key="k" * 40)
    assert notifications.pending(session, run.id, settings=other_key) == []
    [failed] = session.scalars(select(Notification).where(Notification.status == "failed"))
    assert "seal" in failed.error
