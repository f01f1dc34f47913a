from sqlalchemy.orm import Session, sessionmaker

from app.models import Notification
from app.settings import Settings
from tests.factories import rows
from tests.reader_fixtures import Reader, words


def tell(sessions: sessionmaker[Session], settings: Settings) -> None:
    with sessions.begin() as session:
        run = rows.run(session, settings, cases=1)
        notice = Notification(run_id=run.id, title="Pets: <1> failed", text="1 check\nhttp://x")
        notice.status = "delivered"
        session.add(notice)


def test_without_notices_the_list_and_the_bell_are_quiet(reader: Reader) -> None:
    assert "Nothing yet" in words(reader.get("/notifications/"))
    assert words(reader.get("/notifications/bell", htmx=True)) == ""


def test_the_bell_counts_what_was_not_seen_yet(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    tell(sessions, settings)
    assert words(reader.get("/notifications/bell", htmx=True)) == "1"
    assert "Pets: <1> failed" in words(reader.get("/notifications/"))
    assert words(reader.get("/notifications/bell", htmx=True)) == ""
    tell(sessions, settings)
    assert words(reader.get("/notifications/bell", htmx=True)) == "1"
