"""Sessions of pages; what the sign-in page itself shows is tested with the pages."""

import pytest
from flask import Flask, session
from flask_login import current_user
from prometheus_client import REGISTRY
from sqlalchemy.orm import Session, sessionmaker

from app.errors import AuthenticationError
from app.services import users
from app.views import auth
from tests.web_fixtures import EMAIL, PASSWORD


def sign_ins(outcome: str) -> float:
    return REGISTRY.get_sample_value("testops_sign_ins_total", {"outcome": outcome}) or 0


def sign_in(app: Flask) -> dict[str, object]:
    """The session cookie's content after signing in."""
    with app.test_request_context():
        auth.sign_in(EMAIL, PASSWORD)
        return dict(session)


def who(app: Flask, cookie: dict[str, object]) -> str | None:
    """Whose session this is."""
    with app.test_request_context():
        session.update(cookie)
        return current_user.email if current_user.is_authenticated else None


def test_who_signs_in_is_known_from_then_on(app: Flask, user_id: str) -> None:
    before = sign_ins("accepted")
    cookie = sign_in(app)
    assert cookie["_user_id"] == user_id
    assert who(app, cookie) == EMAIL
    assert sign_ins("accepted") == before + 1


def test_what_was_in_the_session_before_is_gone(app: Flask, user_id: str) -> None:
    with app.test_request_context():
        session["planted"] = "by somebody else"
        auth.sign_in(EMAIL, PASSWORD)
        assert "planted" not in session


def test_a_wrong_password_begins_nothing(app: Flask, user_id: str) -> None:
    before = sign_ins("refused")
    with app.test_request_context():
        with pytest.raises(AuthenticationError):
            auth.sign_in(EMAIL, "a wrong password")
        assert "_user_id" not in session
    assert sign_ins("refused") == before + 1


def test_who_signs_out_is_forgotten(app: Flask, user_id: str) -> None:
    cookie = sign_in(app)
    with app.test_request_context():
        session.update(cookie)
        auth.sign_out()
        assert "_user_id" not in session


def test_who_was_shut_out_is_unknown(
    app: Flask, user_id: str, sessions: sessionmaker[Session]
) -> None:
    cookie = sign_in(app)
    with sessions.begin() as database_session:
        users.get(database_session, user_id).is_active = False
    assert who(app, cookie) is None


def test_a_user_who_is_gone_is_unknown(
    app: Flask, user_id: str, sessions: sessionmaker[Session]
) -> None:
    cookie = sign_in(app)
    with sessions.begin() as database_session:
        database_session.delete(users.get(database_session, user_id))
    assert who(app, cookie) is None


def test_a_page_leads_to_the_sign_in_and_back(app: Flask) -> None:
    answer = app.test_client().get("/runs?outcome=failed")
    assert answer.status_code == 302
    assert answer.location.endswith("?next=/runs?outcome%3Dfailed")


def test_what_a_form_sent_is_not_come_back_to(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    [path] = [
        rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == "descriptions.create"
    ]
    answer = app.test_client().post(path)
    assert (answer.status_code, "next" in answer.location) == (302, False)


def test_a_part_of_a_page_makes_the_browser_go_to_the_sign_in(app: Flask) -> None:
    """A redirect would be followed inside the page."""
    answer = app.test_client().get("/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"]
