"""Bearer tokens of the REST API: shown once, kept as a digest."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import AuthenticationError, ForbiddenError
from app.models.base import new_id
from app.models.token import Token
from app.models.user import User
from app.services import lookup
from app.services.text import required

#: Lets secret scanners and people recognise a token.
PREFIX = "testops_"

#: A token's last use is written at most so often.
USE_RESOLUTION = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token with the plain text that is never shown again."""

    id: str
    plain: str


def create(session: Session, user_id: str, *, name: str) -> NewToken:
    """Make a token of a user; raises NotFoundError or InvalidInputError."""
    user = lookup.row(session, User, user_id)
    plain = PREFIX + secrets.token_urlsafe(32)
    token = Token(
        id=new_id(), user_id=user.id, name=required(name, "name", 120), digest=_digest(plain)
    )
    session.add(token)
    session.flush()
    return NewToken(token.id, plain)


def find(session: Session, plain: str) -> User:
    """The user whose token this is, and note its use; raises AuthenticationError."""
    found = session.execute(
        select(Token, User)
        .join(User, User.id == Token.user_id)
        .where(Token.digest == _digest(plain), Token.revoked_at.is_(None), User.is_active)
    ).one_or_none()
    if found is None:
        raise AuthenticationError(
            "The token is not valid.", hint="Make one with `testops token create`."
        )
    token, user = found
    now = session.scalars(select(func.now())).one()
    if token.last_used_at is None or now - token.last_used_at > USE_RESOLUTION:
        token.last_used_at = now
    return user


def list(session: Session, user_id: str) -> Sequence[Token]:  # noqa: A001 - read as tokens.list
    """The tokens of a user that are not revoked, newest first."""
    return session.scalars(
        select(Token)
        .where(Token.user_id == user_id, Token.revoked_at.is_(None))
        .order_by(Token.created_at.desc())
    ).all()


def revoke(session: Session, user_id: str, token_id: str) -> None:
    """End a token of this user; raises ForbiddenError where it is not theirs."""
    token = lookup.row(session, Token, token_id)
    if token.user_id != user_id:
        raise ForbiddenError("This is not your token.")
    token.revoked_at = func.now()
    session.flush()


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode("utf-8", "surrogateescape")).hexdigest()
