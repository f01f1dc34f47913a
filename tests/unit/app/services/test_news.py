import datetime as dt

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from app.domain.news import Kind
from app.listening import Listener
from app.models import News, Suite
from app.models.base import new_id
from app.services import followers, live, news
from app.services.news import Told
from app.settings import Settings
from tests.factories import rows


def told(suite: Suite, key: str = "k", **values: object) -> Told:
    usual: dict[str, object] = {"kinds": [Kind.ALERT], "title": "slow", "text": "p95 is 3 s"}
    return Told(key=key, suite_id=suite.id, **(usual | values))  # type: ignore[arg-type]  # any field


def test_news_is_kept_once(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy)
    first = news.keep(session, told(suite, kinds=[Kind.FINISH, Kind.FAILURE]))
    assert first is not None
    assert news.keep(session, told(suite)) is None
    assert (first.title, first.kind, first.kinds) == (
        f"{suite.name}: slow",
        "failure",
        ["failure", "finish"],
    )


def test_of_no_suite_there_is_no_news(session: Session) -> None:
    nowhere = Told("k", new_id(), [Kind.ALERT], "a", "b")
    assert news.keep(session, nowhere) is None


def test_a_run_that_there_is_not_is_not_referred_to(session: Session, policy: Settings) -> None:
    kept = news.keep(session, told(rows.suite(session, policy), run_id=new_id()))
    assert kept is not None
    assert kept.run_id is None


def test_what_looks_like_a_secret_or_cannot_be_stored_is_not_kept(
    session: Session, policy: Settings
) -> None:
    text = "GET http://ada:hunter22@a.test/?token=s3cret \x00"
    kept = news.keep(session, told(rows.suite(session, policy), key="k" * 300, text=text))
    assert kept is not None
    assert not {"hunter22", "s3cret", "\x00"} & set(kept.text)
    assert "hunter22" not in kept.text
    assert "s3cret" not in kept.text


def test_old_news_is_forgotten(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy)
    news.keep(session, told(suite, "old"))
    session.execute(update(News).values(created_at=func.now() - news.KEPT - dt.timedelta(1)))
    news.keep(session, told(suite, "new"))
    assert session.scalars(select(News.key)).all() == ["new"]


def test_who_follows_a_suite_sees_its_news_until_they_have_looked(
    session: Session, policy: Settings
) -> None:
    suite, other = rows.suite(session, policy), rows.suite(session, policy)
    ada = rows.user(session).id
    followers.follow(session, suite.id, ada)
    kept = news.keep(session, told(suite))
    news.keep(session, told(other, "other"))
    assert news.list(session, ada).items == [kept]
    assert news.unseen(session, ada) == [kept]
    news.mark_seen(session, ada)
    session.execute(update(News).values(created_at=func.now() - dt.timedelta(seconds=1)))
    assert news.unseen(session, ada) == []
    assert len(news.list(session, ada).items) == 1


def test_the_bells_of_those_who_follow_are_rung(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    listener = Listener(sessions.kw["bind"], live.CHANNEL)
    listener.wait(1)
    with sessions.begin() as session:
        suite = rows.suite(session, settings)
        ada, _ = rows.user(session).id, rows.user(session).id
        followers.follow(session, suite.id, ada)
        news.keep(session, told(suite))
    assert listener.wait(20) == frozenset({news.bell_of(ada)})
    listener.close()


def test_a_link_leads_to_the_run_or_the_suite(policy: Settings) -> None:
    assert news.link("s", "r", policy) == "http://127.0.0.1:8000/runs/r"
    assert news.link("s", None, policy) == "http://127.0.0.1:8000/suites/s"
