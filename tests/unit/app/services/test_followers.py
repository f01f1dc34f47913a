from sqlalchemy.orm import Session

from app.services import followers, suites
from app.settings import Settings
from tests.factories import rows


def test_who_makes_a_suite_follows_it(session: Session, policy: Settings) -> None:
    ada, bob = rows.user(session).id, rows.user(session).id
    made = suites.create(
        session,
        rows.description(session).id,
        name="Pets",
        base_url=rows.BASE_URL,
        settings=policy,
        user_id=ada,
    )
    assert followers.of_suite(session, made.id) == [ada]
    assert [followers.follows(session, made.id, one) for one in (ada, bob)] == [True, False]


def test_anybody_may_follow_and_stop(session: Session, policy: Settings) -> None:
    user, suite = rows.user(session).id, rows.suite(session, policy).id
    for _ in range(2):
        followers.follow(session, suite, user)
    assert followers.of_suite(session, suite) == [user]
    for _ in range(2):
        followers.unfollow(session, suite, user)
    assert followers.of_suite(session, suite) == []
