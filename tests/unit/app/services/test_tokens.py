import datetime as dt

import pytest
from sqlalchemy.orm import Session

from app.errors import AuthenticationError, ForbiddenError, InvalidInputError, NotFoundError
from app.models import Token
from app.models.base import new_id
from app.services import tokens
from tests.factories import rows


def stored(session: Session, token_id: str) -> Token:
    session.flush()
    return session.get_one(Token, token_id, populate_existing=True)


def test_a_token_leads_to_its_user(session: Session) -> None:
    user = rows.user(session)
    made = tokens.create(session, user.id, name="CI")
    assert made.plain.startswith(tokens.PREFIX)
    assert tokens.find(session, made.plain) is user
    assert stored(session, made.id).last_used_at is not None


def test_only_a_digest_of_the_token_is_kept(session: Session) -> None:
    made = tokens.create(session, rows.user(session).id, name="CI")
    row = stored(session, made.id)
    assert made.plain not in (row.digest, row.name)
    assert len(row.digest) == 64


def test_the_use_of_a_token_is_not_written_every_time(session: Session) -> None:
    made = tokens.create(session, rows.user(session).id, name="CI")
    tokens.find(session, made.plain)
    row = stored(session, made.id)
    assert row.last_used_at is not None
    recent = row.last_used_at - dt.timedelta(seconds=30)
    row.last_used_at = recent
    tokens.find(session, made.plain)
    assert stored(session, made.id).last_used_at == recent
    row.last_used_at = recent - dt.timedelta(minutes=5)
    tokens.find(session, made.plain)
    assert stored(session, made.id).last_used_at > recent  # type: ignore[operator]


@pytest.mark.parametrize("plain", ["", "nope", "testops_" + "x" * 43, "\x00", "\udcff"])
def test_what_is_no_token_is_refused(session: Session, plain: str) -> None:
    with pytest.raises(AuthenticationError):
        tokens.find(session, plain)


def test_a_token_ends_when_it_is_revoked(session: Session) -> None:
    user = rows.user(session)
    kept, gone = (tokens.create(session, user.id, name=name) for name in ("a", "b"))
    tokens.revoke(session, user.id, gone.id)
    with pytest.raises(AuthenticationError):
        tokens.find(session, gone.plain)
    assert [token.id for token in tokens.list(session, user.id)] == [kept.id]


def test_a_token_ends_with_its_user(session: Session) -> None:
    user = rows.user(session)
    made = tokens.create(session, user.id, name="CI")
    user.is_active = False
    session.flush()
    with pytest.raises(AuthenticationError):
        tokens.find(session, made.plain)


def test_nobody_revokes_the_token_of_another(session: Session) -> None:
    made = tokens.create(session, rows.user(session).id, name="CI")
    with pytest.raises(ForbiddenError):
        tokens.revoke(session, rows.user(session).id, made.id)


def test_a_token_needs_a_user_and_a_name(session: Session) -> None:
    with pytest.raises(NotFoundError):
        tokens.create(session, new_id(), name="CI")
    with pytest.raises(InvalidInputError):
        tokens.create(session, rows.user(session).id, name="")
