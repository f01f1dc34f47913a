"""The pages about channels."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from app.domain.news import Kind
from app.models import Channel, Notification
from app.services import channels, followers, notifications, suites
from app.settings import Settings
from tests.factories import rows
from tests.reader_fixtures import Reader, words


@pytest.fixture
def suite_id(sessions: sessionmaker[Session], settings: Settings) -> str:
    with sessions.begin() as session:
        return rows.suite(session, settings, cases=1).id


@pytest.fixture
def channel_id(sessions: sessionmaker[Session], settings: Settings, suite_id: str) -> str:
    with sessions.begin() as session:
        suite = suites.get(session, suite_id)
        return rows.channel(session, suite, settings, place="https://hooks.test/t0ken9").id


def typed(**fields: object) -> dict[str, Any]:
    usual: dict[str, object] = {
        "name": "Team",
        "service": "webhook",
        "address_webhook": "https://hooks.test/t0ken9",
        "secret_webhook": "",
        "rules": ["new_failure", "recovery"],
        "digest_hours": "24",
    }
    return usual | fields


def test_a_suite_without_channels_says_what_one_is(reader: Reader, suite_id: str) -> None:
    page = reader.get(f"/suites/{suite_id}/channels")
    assert "No channel yet" in words(page)
    assert "No mail can be sent from here yet" in words(page)
    assert f"/suites/{suite_id}/channels" in reader.get(f"/suites/{suite_id}").text


def test_a_webhook_is_added_and_its_key_shown_once(
    reader: Reader, suite_id: str, sessions: sessionmaker[Session], settings: Settings
) -> None:
    made = reader.post(f"/suites/{suite_id}/channels", **typed())
    with sessions() as session:
        channel = session.scalars(select(Channel)).one()
        secret = channels.secret_of(channel, settings)
    assert secret in made.text
    assert channel.rules == [Kind.NEW_FAILURE, Kind.RECOVERY]
    listed = reader.get(f"/suites/{suite_id}/channels")
    page = reader.get(f"/channels/{channel.id}")
    assert "together, every 24 h" in words(listed)
    assert "none yet" in words(listed)
    assert "Nothing was told to it yet." in words(page)
    for answer in (listed, page):
        assert "https://hooks.test/…" in words(answer)
        assert "t0ken9" not in answer.text
        assert secret not in answer.text


def test_another_channel_leads_to_its_page(reader: Reader, suite_id: str) -> None:
    bot = "123456:" + "s3cret" * 6
    fields = typed(service="telegram", address_telegram="@team_chat", secret_telegram=bot)
    made = reader.post(f"/suites/{suite_id}/channels", **fields)
    assert made.status_code == 302
    page = reader.get(made.location)
    assert "The channel was added." in words(page)
    assert "@team_chat" in page.text
    assert "s3cret" not in page.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "This may not be empty."),
        ({"address_webhook": "ftp://hooks.test/t0ken9"}, "This is not an absolute URL."),
        ({"secret_webhook": "whsec_s3cret"}, "A key is whsec_"),
        ({"rules": []}, "Choose what it is told of."),
        ({"service": "pigeon"}, "The service is one of"),
        ({"digest_hours": "500"}, "From 0 to 168 hours."),
        ({"digest_hours": "soon"}, "This is no whole number."),
    ],
)
def test_what_is_wrong_is_said_and_no_secret_comes_back(
    reader: Reader, suite_id: str, channel_id: str, fields: dict[str, object], said: str
) -> None:
    for path in (f"/suites/{suite_id}/channels", f"/channels/{channel_id}"):
        if "service" in fields and path.startswith("/channels"):
            continue
        answer = reader.post(path, **typed(**fields))
        assert answer.status_code == 422
        assert said in words(answer)
        assert "t0ken9" not in answer.text
        assert "s3cret" not in answer.text


def test_a_channel_is_changed(
    reader: Reader, channel_id: str, sessions: sessionmaker[Session]
) -> None:
    fields = typed(name="Ops", rules=["finish"], digest_hours="5", address_webhook="")
    saved = reader.post(f"/channels/{channel_id}", **fields)
    page = words(reader.get(saved.location))
    assert "The channel was saved." in page
    assert "at most one message in 5 hours" in page
    with sessions() as session:
        channel = session.get_one(Channel, channel_id)
    assert (channel.name, channel.rules, channel.shown) == (
        "Ops",
        ["finish"],
        "https://hooks.test/…",
    )


def test_a_test_is_sent_and_followed_to_its_end(
    reader: Reader, suite_id: str, channel_id: str, sessions: sessionmaker[Session]
) -> None:
    for _ in range(notifications.MOST_TESTS):
        reader.post(f"/channels/{channel_id}/tests")
    refused = reader.post(f"/channels/{channel_id}/tests")
    assert "Tests of this channel wait already." in words(reader.get(refused.location))
    log = reader.get(f"/channels/{channel_id}/log", htmx=True)
    assert "pending" in words(log)
    assert 'hx-trigger="every 2s"' in log.text
    attempts = [
        {"at": "2026-01-01T00:00:00.0+00:00", "error": "busy"},
        {"at": "2026-01-01T00:05:00.0+00:00", "error": "gone for good"},
    ]
    with sessions.begin() as session:
        values = {"status": "failed", "error": "gone for good", "attempts": attempts}
        session.execute(update(Notification).values(values))
    log = reader.get(f"/channels/{channel_id}/log", htmx=True)
    assert "failed 2 attempts gone for good" in words(log)
    assert "2026-01-01 00:00:00 UTC: busy" in words(log)
    assert "hx-trigger" not in log.text
    assert "failed" in words(reader.get(f"/suites/{suite_id}/channels"))
    with sessions() as session:
        first = session.scalars(select(Notification.id)).first()
    reader.get(f"/channels/{channel_id}")
    reader.post(f"/notifications/{first}/again")
    assert "pending" in words(reader.get(f"/channels/{channel_id}/log", htmx=True))


def test_a_channel_is_removed(reader: Reader, suite_id: str, channel_id: str) -> None:
    assert reader.post(f"/channels/{channel_id}/remove").location == f"/suites/{suite_id}/channels"
    assert reader.get(f"/channels/{channel_id}").status_code == 404


def test_a_suite_is_followed_and_no_more(
    reader: Reader, suite_id: str, user_id: str, sessions: sessionmaker[Session]
) -> None:
    def follows() -> bool:
        with sessions() as session:
            return followers.follows(session, suite_id, user_id)

    assert "You do not follow" in words(reader.get(f"/suites/{suite_id}/channels"))
    back = reader.post(f"/suites/{suite_id}/follow", follow="yes")
    assert "You follow this suite" in words(reader.get(back.location))
    assert follows()
    reader.post(f"/suites/{suite_id}/follow", follow="no")
    assert not follows()
