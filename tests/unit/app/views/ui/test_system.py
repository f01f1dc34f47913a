"""The page for administrators."""

from __future__ import annotations

from sqlalchemy.orm import Session, sessionmaker

from app.messages.events import CageLayer, RunnerStarted
from app.models import User
from app.services import runners
from tests.reader_fixtures import Reader, words


def promote(sessions: sessionmaker[Session], user_id: str, *, is_admin: bool) -> None:
    with sessions.begin() as session:
        user = session.get(User, user_id)
        assert user is not None
        user.is_admin = is_admin


def test_only_administrators_see_it(
    reader: Reader, user_id: str, sessions: sessionmaker[Session]
) -> None:
    promote(sessions, user_id, is_admin=False)
    assert reader.get("/system/").status_code == 403
    assert "/system/" not in reader.get("/").text
    promote(sessions, user_id, is_admin=True)
    assert 'href="/system/"' in reader.get("/").text
    assert "No runner yet" in words(reader.get("/system/"))


def test_a_stranger_is_asked_to_sign_in(stranger: Reader) -> None:
    assert stranger.get("/system/").status_code == 302


def test_it_shows_what_holds_and_what_is_missing(
    reader: Reader, user_id: str, sessions: sessionmaker[Session]
) -> None:
    promote(sessions, user_id, is_admin=True)
    layers = (
        CageLayer("seccomp", "few calls", holds=True, note="", advice=""),
        CageLayer("own user", "an id", holds=True, note="from 7", advice=""),
        CageLayer("mount namespace", "a view", holds=False, note="<refused>", advice="Allow it."),
        CageLayer("limits", "little", holds=False, note="switched off", advice=""),
    )
    with sessions.begin() as session:
        runners.hear(session, RunnerStarted("host-1", "standard", layers))
    told = words(reader.get("/system/"))
    assert "Runner host-1 started" in told
    assert "a cage of 2 of 4 layers; the policy is “standard”" in told
    assert "own user an id holds: from 7" in told
    assert "mount namespace a view missing: <refused> Allow it." in told
