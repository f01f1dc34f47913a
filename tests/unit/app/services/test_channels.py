import pytest
from sqlalchemy.orm import Session

from app.errors import InvalidInputError, NotFoundError
from app.models.base import new_id
from app.services import channels
from app.settings import Settings
from tests.database_fixtures import settings_for
from tests.factories import rows

URL = "mailto://ada:s3cret@example.com"


def test_the_url_of_a_channel_is_kept_sealed(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy)
    made = channels.add(session, suite.id, name="Team", url=URL, rule="failure", settings=policy)
    assert "s3cret" not in made.sealed_url
    assert channels.url_of(made, policy) == URL
    assert list(channels.list(session, suite.id)) == [made]


def test_a_channel_can_be_removed(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy)
    made = channels.add(session, suite.id, name="Team", url=URL, rule="finish", settings=policy)
    channels.remove(session, made.id)
    assert list(channels.list(session, suite.id)) == []
    with pytest.raises(NotFoundError):
        channels.remove(session, made.id)


@pytest.mark.parametrize("values", [{"name": ""}, {"url": " "}, {"rule": "never"}])
def test_a_channel_that_makes_no_sense_is_refused(
    session: Session, policy: Settings, values: dict[str, str]
) -> None:
    given = {"name": "Team", "url": URL, "rule": "finish"} | values
    suite = rows.suite(session, policy)
    with pytest.raises(InvalidInputError) as caught:
        channels.add(session, suite.id, settings=policy, **given)
    assert caught.value.where == next(iter(values))


def test_a_channel_needs_a_suite(session: Session, policy: Settings) -> None:
    with pytest.raises(NotFoundError):
        channels.add(session, new_id(), name="a", url=URL, rule="finish", settings=policy)


def test_a_url_sealed_with_another_key_cannot_be_read(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy)
    made = channels.add(session, suite.id, name="Team", url=URL, rule="finish", settings=policy)
    with pytest.raises(InvalidInputError, match="seal"):
        channels.url_of(made, settings_for("postgresql://nowhere/none", secret_key="k" * 40))
