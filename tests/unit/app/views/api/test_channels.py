"""Channels through REST: never a secret in an answer, but the one that is made."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from app.domain.news import Kind
from app.models import Notification
from app.services import followers, news
from app.services.news import Told
from app.settings import Settings
from tests.factories import rows
from tests.web_fixtures import Api

BOT = "123456:" + "s3cret" * 6


@pytest.fixture
def suite_id(sessions: sessionmaker[Session], settings: Settings) -> str:
    with sessions.begin() as session:
        return rows.suite(session, settings, cases=1).id


def asked(**changes: object) -> dict[str, object]:
    body: dict[str, object] = {
        "name": "Team",
        "service": "telegram",
        "address": "@team_chat",
        "secret": BOT,
        "rules": ["failure", "recovery"],
    }
    return body | changes


def test_a_channel_is_added_changed_and_removed(api: Api, suite_id: str) -> None:
    made = api.post(f"/suites/{suite_id}/channels", asked(digest_hours=24))
    assert made.status_code == 201
    assert made.json is not None
    path = f"/channels/{made.json['id']}"
    assert made.location == f"/api/v1{path}"
    assert made.json["secret"] == ""
    assert (made.json["shown"], made.json["rules"]) == ("@team_chat", ["failure", "recovery"])
    changed = api.put(
        path, {"name": "Ops", "rules": ["finish"], "address": "@other_chat", "digest_hours": 0}
    )
    assert changed.json == api.get(path).json
    assert changed.json is not None
    assert (changed.json["name"], changed.json["shown"]) == ("Ops", "@other_chat")
    listed = api.get(f"/suites/{suite_id}/channels")
    assert listed.json == {"items": [changed.json], "next_cursor": None}
    assert "s3cret" not in made.text + changed.text + listed.text
    assert api.request("DELETE", path).status_code == 204
    assert api.get(path).status_code == 404


def test_the_key_of_a_webhook_is_shown_once(api: Api, suite_id: str) -> None:
    body = asked(service="webhook", address="https://hooks.test/t0ken9", secret="")
    made = api.post(f"/suites/{suite_id}/channels", body)
    assert made.json is not None
    assert made.json["secret"].startswith("whsec_")
    shown = api.get(f"/channels/{made.json['id']}").text
    assert "whsec_" not in shown
    assert "t0ken9" not in made.text + shown


@pytest.mark.parametrize(
    "changes",
    [{"service": "pigeon"}, {"address": "x"}, {"secret": "s3cret"}, {"rules": ["never"]},
     {"rules": []}, {"digest_hours": 500}, {"name": ""}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_without_the_secret(
    api: Api, suite_id: str, changes: dict[str, object]
) -> None:
    answer = api.post(f"/suites/{suite_id}/channels", asked(**changes))
    assert answer.status_code == 422
    assert "s3cret" not in answer.text
    [name] = changes
    assert answer.json is not None
    assert f"#/{name}" in answer.json["errors"][0]["pointer"]


def test_a_channel_is_tested_and_what_was_given_up_is_sent_again(
    api: Api, suite_id: str, sessions: sessionmaker[Session]
) -> None:
    made = api.post(f"/suites/{suite_id}/channels", asked()).json
    assert made is not None
    path = f"/channels/{made['id']}"
    told = api.post(f"{path}/tests")
    assert told.status_code == 202
    assert told.json is not None
    message = f"/notifications/{told.json['id']}"
    assert told.location == f"/api/v1{message}"
    assert (told.json["status"], told.json["attempts"]) == ("pending", [])
    assert api.get(f"{path}/notifications").json == {"items": [told.json], "next_cursor": None}
    assert api.post(f"{message}/again").status_code == 409
    with sessions.begin() as session:
        failed = [{"at": "2026-01-01T00:00:00+00:00", "error": "gone"}]
        session.execute(update(Notification).values(status="failed", attempts=failed))
    again = api.post(f"{message}/again")
    assert again.status_code == 202
    found = api.get(message).json
    assert found is not None
    assert found["status"] == "pending"
    assert found["attempts"][0]["error"] == "gone"


def test_news_is_of_the_suites_that_one_follows(
    api: Api, suite_id: str, user_id: str, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        news.keep(session, Told("k", suite_id, [Kind.ALERT], "slow", "p95 is 3 s"))
    assert api.get("/news").json == {"items": [], "next_cursor": None}
    assert api.request("PUT", f"/suites/{suite_id}/followers/me").status_code == 204
    [one] = api.get("/news").json["items"]  # type: ignore[index]  # checked by failing
    assert (one["kind"], one["text"]) == ("alert", "p95 is 3 s")
    with sessions() as session:
        assert followers.follows(session, suite_id, user_id)
    assert api.request("DELETE", f"/suites/{suite_id}/followers/me").status_code == 204
    assert api.get("/news").json == {"items": [], "next_cursor": None}
