"""Users: who may sign in."""

from __future__ import annotations

import argon2
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.errors import AuthenticationError, ConflictError, InvalidInputError
from app.models.user import User
from app.services import lookup
from app.services.text import required, storable

#: NIST SP 800-63B, section 3.1.1.2, asks for at least 8; a single factor for 15.
MIN_PASSWORD = 12
MAX_PASSWORD = 1000

#: The second choice of RFC 9106, section 4: 64 MiB, three passes, four lanes.
_HASHER = argon2.PasswordHasher.from_parameters(argon2.profiles.RFC_9106_LOW_MEMORY)
#: Checked where there is no such user, so that an answer takes as long as for a wrong password. The
#: hash of a password that nobody knows; made here it would cost every process a third of a second.
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4"
    "$/+oBV3cAoenF0V+Jkvm0+Q$tYZ7NU5lC9BZjEyGZY4jCzKo0U2vQ9qd6Tv+xC0v0+k"
)


def create(
    session: Session, *, email: str, password: str, name: str = "", is_admin: bool = False
) -> User:
    """Let somebody in.

    Raises InvalidInputError, and ConflictError where the address is taken.
    """
    address = _address(email)
    if session.scalar(select(exists().where(User.email == address))):
        raise ConflictError("There is a user with this address.", where="email")
    user = User(
        email=address,
        name=required(name or storable(address.partition("@")[0], 120), "name", 120),
        password_hash=_HASHER.hash(_password(password)),
        is_admin=is_admin,
    )
    session.add(user)
    session.flush()
    return user


def _address(email: str) -> str:
    address = required(email, "email", 254).lower()
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or any(letter.isspace() for letter in address):
        raise InvalidInputError("This is no e-mail address.", where="email")
    return address


def _password(password: str) -> str:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or storable(password) != password:
        raise InvalidInputError(
            f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.", where="password"
        )
    return password


def ensure_admin(session: Session, *, email: str, password: str) -> bool:
    """Create the first administrator where there is no user at all; whether it was done."""
    if session.scalar(select(exists().where(User.id.is_not(None)))):
        return False
    create(session, email=email, password=password, name="Administrator", is_admin=True)
    return True


def authenticate(session: Session, email: str, password: str) -> User:
    """The active user with this address and password.

    Takes the same time whether the address, the password or both are wrong.
    Raises AuthenticationError.
    """
    address = storable(email.strip().lower(), 300)
    user = session.scalars(select(User).where(User.email == address)).one_or_none()
    matches = _matches(user.password_hash if user else _NOBODY, storable(password, MAX_PASSWORD))
    if user is None or not matches or not user.is_active:
        raise AuthenticationError("The address or the password is wrong.")
    if _HASHER.check_needs_rehash(user.password_hash):
        user.password_hash = _HASHER.hash(password)
    return user


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except argon2.exceptions.VerifyMismatchError:
        return False


def get(session: Session, user_id: str) -> User:
    """One user; raises NotFoundError."""
    return lookup.row(session, User, user_id)


def by_email(session: Session, email: str) -> User:
    """The user with this address; raises InvalidInputError where there is none."""
    user = session.scalars(select(User).where(User.email == storable(email.lower()))).one_or_none()
    if user is None:
        raise InvalidInputError("There is no user with this address.", where="email")
    return user


def count(session: Session) -> int:
    """How many users there are."""
    return session.scalar(select(func.count()).select_from(User)) or 0
