import json

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.channels import Address
from app.domain.news import Kind
from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.messages.sealing import Seal
from app.models import Notification
from app.models.base import new_id
from app.services import channels, notifications
from app.settings import Settings
from tests.database_fixtures import settings_for
from tests.factories import rows

BOT = "123456:" + "s3cret" * 6
MAILING = settings_for("postgresql://nowhere/none", smtp_url=SecretStr("smtp://mail.test"))


def test_where_a_channel_leads_is_kept_sealed(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy)
    made = channels.add(
        session,
        suite.id,
        name=" Team ",
        service="telegram",
        place="@team_chat",
        secret=BOT,
        rules=["finish", "failure", "finish"],
        digest_hours=24,
        settings=policy,
    )
    assert "s3cret" not in json.dumps([made.sealed_address, made.shown])
    assert channels.address_of(made, policy) == Address("@team_chat", BOT)
    assert channels.secret_of(made, policy) == ""
    assert (made.name, made.rules, made.digest_hours) == ("Team", ["failure", "finish"], 24)
    assert list(channels.list(session, suite.id)) == [made]
    assert channels.get(session, made.id) is made


def test_a_webhook_without_a_key_gets_one(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy)
    one, other = (rows.channel(session, suite, policy) for _ in range(2))
    assert channels.secret_of(one, policy).startswith("whsec_")
    assert channels.secret_of(one, policy) != channels.secret_of(other, policy)


def test_a_channel_is_changed_and_keeps_what_is_not_given(
    session: Session, policy: Settings
) -> None:
    made = rows.channel(session, rows.suite(session, policy), policy)
    secret = channels.secret_of(made, policy)
    told = {"rules": [Kind.FAILURE], "digest_hours": 6}
    channels.change(session, made.id, name="Ops", settings=policy, **told)  # type: ignore[arg-type]  # as above
    assert (made.name, made.rules, made.digest_hours) == ("Ops", ["failure"], 6)
    assert channels.address_of(made, policy) == Address("https://hooks.test/in", secret)
    channels.change(
        session,
        made.id,
        name="Ops",
        place="https://other.test/in",
        settings=policy,
        **told,  # type: ignore[arg-type]  # as above
    )
    assert channels.address_of(made, policy) == Address("https://other.test/in", secret)
    assert made.shown == "https://other.test/…"


def test_a_channel_goes_with_what_was_told_to_it(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy)
    made = rows.channel(session, suite, policy)
    notifications.test(session, made.id)
    channels.remove(session, made.id)
    assert list(channels.list(session, suite.id)) == []
    assert session.scalars(select(Notification)).all() == []
    with pytest.raises(NotFoundError):
        channels.remove(session, made.id)


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"service": "pigeon"},
        {"address": "here"},
        {"secret": "whsec_"},
        {"rules": ["never"]},
        {"rules": []},
        {"digest_hours": 169},
        {"digest_hours": -1},
    ],
)
def test_a_channel_that_makes_no_sense_is_refused(
    session: Session, policy: Settings, values: dict[str, object]
) -> None:
    [name] = values
    given = {"place" if name == "address" else name: values[name]}
    usual = {
        "name": "Team",
        "service": "webhook",
        "place": "https://hooks.test",
        "rules": ["finish"],
    }
    suite = rows.suite(session, policy)
    with pytest.raises(InvalidInputError) as caught:
        channels.add(session, suite.id, settings=policy, **(usual | given))  # type: ignore[arg-type]  # wrong on purpose
    assert caught.value.where == name


def test_a_channel_needs_a_suite(session: Session, policy: Settings) -> None:
    with pytest.raises(NotFoundError):
        channels.add(
            session,
            new_id(),
            name="a",
            service="webhook",
            place="https://hooks.test",
            rules=["finish"],
            settings=policy,
        )


def test_a_suite_has_only_so_many_channels(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy)
    for _ in range(channels.MOST):
        rows.channel(session, suite, policy)
    with pytest.raises(ConflictError, match="at most 20"):
        rows.channel(session, suite, policy)


def test_mail_needs_a_server(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy)

    def add(settings: Settings) -> Address:
        made = channels.add(
            session,
            suite.id,
            name="Team",
            service="mail",
            place="ada@example.com bob@example.com",
            rules=["finish"],
            settings=settings,
        )
        return channels.address_of(made, settings)

    assert add(MAILING) == Address("ada@example.com,bob@example.com")
    with pytest.raises(InvalidInputError, match="TESTOPS_SMTP_URL"):
        add(policy)


def test_what_was_sealed_with_another_key_or_in_another_form_cannot_be_read(
    session: Session, policy: Settings
) -> None:
    made = rows.channel(session, rows.suite(session, policy), policy)
    with pytest.raises(InvalidInputError, match="seal"):
        channels.address_of(made, settings_for("postgresql://nowhere/none", secret_key="k" * 40))
    made.sealed_address = Seal(policy.secret).close("json://an.old.one")
    with pytest.raises(InvalidInputError, match="address"):
        channels.address_of(made, policy)
