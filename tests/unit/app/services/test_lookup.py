import pytest
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models import ApiDescription, RunCase, User
from app.services import lookup
from tests.factories import rows


def test_a_row_is_found_by_its_identifier(session: Session) -> None:
    made = rows.user(session)
    assert lookup.row(session, User, made.id) is made


def test_a_locked_row_is_read_anew(session: Session) -> None:
    made = rows.user(session)
    session.execute(User.__table__.update().values(name="Grace"))  # type: ignore[attr-defined]
    assert lookup.row(session, User, made.id, lock=True).name == "Grace"


@pytest.mark.parametrize(
    "identifier",
    ["", "nope", "\x00", pytest.param("x" * 5000, id="long"), rows.NOWHERE.upper(), rows.NOWHERE],
)
def test_what_is_not_there_is_not_found(session: Session, identifier: str) -> None:
    """Text that is no identifier never reaches the database."""
    with pytest.raises(NotFoundError):
        lookup.row(session, User, identifier)


def test_the_error_says_what_is_missing(session: Session) -> None:
    with pytest.raises(NotFoundError, match=r"no such API description\."):
        lookup.row(session, ApiDescription, "nope")
    with pytest.raises(NotFoundError, match=r"no such run case\."):
        lookup.row(session, RunCase, "nope")
