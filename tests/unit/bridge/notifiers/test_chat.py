"""What Apprise says to chat services, and what we make of what they answer."""

from __future__ import annotations

import json
import logging
from urllib.parse import parse_qs, urlsplit

import pytest

from app.domain.channels import Address, Service
from app.errors import InvalidInputError
from bridge.notifiers.chat import ChatNotifier
from bridge.notifiers.outgoing import LaterError
from tests.unit.bridge.notifiers.sent import LINK, Notebook, Request, message

TOKEN = "123456:" + "A" * 35
ADDRESSES = {
    Service.SLACK: Address("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdn"),
    Service.DISCORD: Address("https://discord.com/api/webhooks/123456/abc-DEF"),
    Service.TELEGRAM: Address("-1001234567890", TOKEN),
    Service.TEAMS: Address(
        "https://prod-1.westus.logic.azure.com:443/workflows/ab12/triggers/manual/paths/invoke"
        "?api-version=2016-10-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=S1gnature"
    ),
}
HOSTILE = "<!channel> @everyone <@1> & *b* ![x](http://y)"


def sent(service: Service, text: str = "- GET /a test_b_c: no") -> tuple[Request, str]:
    """The one request for a message, and its body."""
    notebook = Notebook()
    ChatNotifier(service, notebook).send(ADDRESSES[service], message(text=text))
    [request] = notebook.requests
    assert request.method == "POST"
    assert request.headers["Content-Type"].startswith("application/json")
    assert not {"host", "content-length"} & {name.lower() for name in request.headers}
    return request, request.body.decode()


def test_slack_gets_an_attachment_in_which_nobody_is_called() -> None:
    request, body = sent(Service.SLACK, HOSTILE)
    assert request.url == ADDRESSES[Service.SLACK].place
    told = json.loads(body)
    [attachment] = told["attachments"]
    assert attachment["title"] == "Pets: 1 failed"
    assert attachment["text"].endswith(LINK)
    assert "&lt;!channel&gt;" in attachment["text"]
    assert "github" not in body


def test_slack_of_governments_is_another_host() -> None:
    notebook = Notebook()
    place = "https://hooks.slack-gov.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdn"
    ChatNotifier(Service.SLACK, notebook).send(Address(place), message())
    assert notebook.requests[0].url == place


def test_discord_gets_text_that_is_shown_as_it_is_and_calls_nobody() -> None:
    request, body = sent(Service.DISCORD, f"- GET /a test__b: {HOSTILE}")
    assert request.url == ADDRESSES[Service.DISCORD].place
    content = json.loads(body)["content"]
    assert content.startswith("Pets: 1 failed\r\n\\- GET /a test\\_\\_b: ")
    assert "@everyone" not in content
    assert "<@1>" not in content
    assert "\\*b\\*" in content
    assert content.endswith(LINK)


def test_telegram_gets_what_it_takes_for_text() -> None:
    request, body = sent(Service.TELEGRAM, HOSTILE)
    assert request.url == f"https://api.telegram.org/bot{TOKEN}/sendMessage"
    told = json.loads(body)
    assert told["chat_id"] == -1001234567890
    assert told["parse_mode"] == "HTML"
    assert "&lt;!channel&gt;" in told["text"]
    assert "@everyone" not in told["text"]
    assert told["text"].endswith(LINK)


def test_teams_gets_an_adaptive_card() -> None:
    request, body = sent(Service.TEAMS)
    url = urlsplit(request.url)
    assert url.netloc == "prod-1.westus.logic.azure.com:443"
    assert url.path == "/workflows/ab12/triggers/manual/paths/invoke"
    query = parse_qs(url.query)
    assert (query["sig"], query["api-version"]) == (["S1gnature"], ["2016-10-01"])
    [attachment] = json.loads(body)["attachments"]
    texts = [block["text"] for block in attachment["content"]["body"]]
    assert texts == [
        "Pets: 1 failed",
        f"\\- GET /a test\\_b\\_c: no\n\n[{LINK}]({LINK})",
    ]


def test_the_newer_workflows_of_teams_have_a_longer_path() -> None:
    notebook = Notebook()
    place = (
        "https://ab.environment.api.powerplatform.com/powerautomate/automations/direct/cu/07"
        "/workflows/ab12/triggers/manual/paths/invoke?api-version=1&sig=S1gnature"
    )
    ChatNotifier(Service.TEAMS, notebook).send(Address(place), message())
    assert urlsplit(notebook.requests[0].url).path == urlsplit(place).path


@pytest.mark.parametrize("service", ADDRESSES)
def test_what_is_too_long_is_cut_and_sent_once(service: Service) -> None:
    _, body = sent(service, "no more than a line\n" * 5000)
    assert "no more than a line" in body
    assert len(body) < 60_000


@pytest.mark.parametrize("service", ADDRESSES)
@pytest.mark.parametrize("error", [LaterError("busy"), InvalidInputError("gone")])
def test_a_refusal_is_told_as_it_was_given_and_no_address_is_logged(
    service: Service, error: LaterError | InvalidInputError, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    notebook = Notebook(error)
    with pytest.raises(type(error)) as caught:
        ChatNotifier(service, notebook).send(ADDRESSES[service], message())
    assert caught.value is error
    assert len(notebook.requests) == 1
    address = ADDRESSES[service]
    secrets = [address.secret or address.place, "TIiajkdn", "abc-DEF", "S1gnature", TOKEN]
    assert [secret for secret in secrets if secret in caplog.text] == []


def test_what_a_service_says_is_no_success_is_none() -> None:
    """Slack says in the body of an answer what was wrong."""
    notebook = Notebook(answer=b"no_service")
    with pytest.raises(InvalidInputError, match="Slack did not take the message"):
        ChatNotifier(Service.SLACK, notebook).send(ADDRESSES[Service.SLACK], message())
