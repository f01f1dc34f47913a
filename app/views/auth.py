"""Who is asking: sessions of the pages (Flask-Login) and bearer tokens of the API."""

from __future__ import annotations

from dataclasses import dataclass

import flask_login
from flask import Flask, Response, g, make_response, redirect, request, session, url_for
from sqlalchemy.orm import Session

from app import metrics
from app.errors import AuthenticationError, ForbiddenError, NotFoundError
from app.models.user import User
from app.services import tokens, users
from app.views.database import db, transaction

#: Where a person signs in.
SIGN_IN = "sign_in.page"


@dataclass(frozen=True)
class SignedIn(flask_login.UserMixin):  # type: ignore[misc]  # the library is not typed
    """Who is signed in, apart from any session of the database."""

    id: str
    email: str
    name: str
    is_admin: bool

    @classmethod
    def of(cls, user: User) -> SignedIn:
        """The signed-in form of a user."""
        return cls(user.id, user.email, user.name, user.is_admin)


def install(app: Flask) -> None:
    """Load who is signed in with each request of a page."""
    manager = flask_login.LoginManager(app)
    manager.user_loader(_load)
    manager.unauthorized_handler(_ask_to_sign_in)


def _load(user_id: str) -> SignedIn | None:
    # A session of its own: the view's transaction must neither be begun nor ended by this.
    with Session(db.engine) as own:
        try:
            user = users.get(own, user_id)
        except NotFoundError:
            return None
        return SignedIn.of(user) if user.is_active else None


def _ask_to_sign_in() -> Response:
    if "HX-Request" in request.headers:
        # Followed by htmx inside the page, a redirect would put the form into a part of it.
        return Response(status=401, headers={"HX-Redirect": url_for(SIGN_IN)})
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return make_response(redirect(url_for(SIGN_IN, next=wanted)))


def require_administrator() -> None:
    """Raises ForbiddenError where who is signed in is no administrator."""
    if not flask_login.current_user.is_admin:
        raise ForbiddenError("This page is for administrators.")


def sign_in(email: str, password: str) -> None:
    """Begin a session; raises AuthenticationError."""
    try:
        with transaction() as database_session:
            user = users.authenticate(database_session, email, password)
    except AuthenticationError:
        metrics.SIGN_INS.labels("refused").inc()
        raise
    # What an attacker may have planted in the session before does not live on in the new one.
    session.clear()
    flask_login.login_user(SignedIn.of(user))
    metrics.SIGN_INS.labels("accepted").inc()


def sign_out() -> None:
    """End the session."""
    flask_login.logout_user()
    session.clear()


def require_token() -> None:
    """Know the caller of the API by the bearer token (RFC 6750); raises AuthenticationError."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AuthenticationError(
            "A bearer token is needed.", hint="Make one with `testops token create`."
        )
    with transaction() as database_session:
        g.api_user_id = tokens.find(database_session, token.strip()).id


def api_user_id() -> str:
    """Whose token the present request carries."""
    found: str = g.api_user_id
    return found
