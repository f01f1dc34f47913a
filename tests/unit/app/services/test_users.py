import argon2
import pytest
from sqlalchemy.orm import Session

from app.errors import AuthenticationError, ConflictError, InvalidInputError, NotFoundError
from app.models.base import new_id
from app.services import users
from tests.factories import rows

PASSWORD = "a long enough password"


def test_a_user_can_authenticate(session: Session) -> None:
    made = users.create(session, email=" Ada@Example.com ", password=PASSWORD)
    assert users.authenticate(session, "ada@EXAMPLE.com ", PASSWORD) is made
    assert (made.email, made.name, made.is_admin) == ("ada@example.com", "ada", False)


def test_a_password_is_kept_as_argon2id(session: Session) -> None:
    made = users.create(session, email="ada@example.com", password=PASSWORD, name="Ada L.")
    assert made.password_hash.startswith("$argon2id$")
    assert made.name == "Ada L."


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.com", "a wrong password"),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        ("ada@example.com\x00", PASSWORD),
        ("ada@example.com", PASSWORD + "\x00"),
        pytest.param("x" * 10_000, "x" * 100_000, id="long"),
        ("\ud800", "\ud800"),
    ],
)
def test_who_has_not_both_is_refused(session: Session, email: str, password: str) -> None:
    users.create(session, email="ada@example.com", password=PASSWORD)
    with pytest.raises(AuthenticationError, match="address or the password"):
        users.authenticate(session, email, password)


def test_who_was_shut_out_is_refused(session: Session) -> None:
    users.create(session, email="ada@example.com", password=PASSWORD).is_active = False
    with pytest.raises(AuthenticationError):
        users.authenticate(session, "ada@example.com", PASSWORD)


def test_an_unknown_address_costs_as_much_as_a_wrong_password(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash is checked in either case, and both are made as in production."""
    hasher = argon2.PasswordHasher.from_parameters(argon2.profiles.RFC_9106_LOW_MEMORY)
    monkeypatch.setattr(users, "_HASHER", hasher)
    users.create(session, email="ada@example.com", password=PASSWORD)
    checked: list[str] = []
    real = users._matches

    def counting(password_hash: str, password: str) -> bool:
        checked.append(password_hash)
        return real(password_hash, password)

    monkeypatch.setattr(users, "_matches", counting)
    for email in ("ada@example.com", "nobody@example.com"):
        with pytest.raises(AuthenticationError):
            users.authenticate(session, email, "wrong")
    known, unknown = (argon2.extract_parameters(one) for one in checked)
    assert known == unknown == argon2.profiles.RFC_9106_LOW_MEMORY


def test_a_hash_of_older_parameters_is_renewed(session: Session) -> None:
    made = users.create(session, email="ada@example.com", password=PASSWORD)
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    made.password_hash = weak
    users.authenticate(session, "ada@example.com", PASSWORD)
    assert made.password_hash != weak
    assert users.authenticate(session, "ada@example.com", PASSWORD) is made


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "@example.com"}, "email"),
        ({"email": "ada@"}, "email"),
        ({"email": "a da@example.com"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "a" * 251 + "@b.c"}, "email"),
        ({"password": "short"}, "password"),
        pytest.param({"password": "x" * 1001}, "password", id="long password"),
        ({"password": "a long enough \x00 password"}, "password"),
        ({"name": "x" * 121}, "name"),
    ],
)
def test_a_user_who_breaks_a_rule_is_not_created(
    session: Session, values: dict[str, str], where: str
) -> None:
    given = {"email": "ada@example.com", "password": PASSWORD} | values
    with pytest.raises(InvalidInputError) as caught:
        users.create(session, **given)  # type: ignore[arg-type]
    assert caught.value.where == where
    assert users.count(session) == 0


def test_an_address_belongs_to_one_user(session: Session) -> None:
    users.create(session, email="ada@example.com", password=PASSWORD)
    with pytest.raises(ConflictError):
        users.create(session, email="ADA@example.com", password=PASSWORD)


def test_the_first_administrator_is_created_once(session: Session) -> None:
    assert users.ensure_admin(session, email="ada@example.com", password=PASSWORD)
    assert not users.ensure_admin(session, email="grace@example.com", password=PASSWORD)
    assert users.count(session) == 1
    assert users.by_email(session, "Ada@example.com").is_admin


def test_a_long_address_gives_a_short_name(session: Session) -> None:
    made = users.create(session, email="a" * 250 + "@b.c", password=PASSWORD)
    assert len(made.name) == 120


def test_users_are_found(session: Session) -> None:
    made = rows.user(session)
    assert users.get(session, made.id) is made
    with pytest.raises(NotFoundError):
        users.get(session, new_id())
    with pytest.raises(InvalidInputError):
        users.by_email(session, "nobody@example.com\x00")
