"""Addresses of channels: what is accepted, and what of it is shown."""

import base64

import pytest

from app.domain import channels
from app.domain.channels import Address, Service, Workflow
from app.errors import InvalidInputError

KEY = channels.secret_of(bytes(range(32)))
TOKEN = "123456:" + "A" * 35
SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
DISCORD = "https://discord.com/api/webhooks/123456/abc-DEF_4"
TEAMS = (
    "https://prod-1.westus.logic.azure.com:443/workflows/ab12/triggers/manual/paths/invoke"
    "?api-version=2016-10-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=S1gnature"
)
AUTOMATE = (
    "https://default.ab.environment.api.powerplatform.com/powerautomate/automations/direct/cu/07"
    "/workflows/ab12/triggers/manual/paths/invoke?api-version=1&sig=S1gnature"
)

GOOD = [
    (Service.MAIL, "ada@example.com,bob@example.com", "", "ada@example.com, bob@example.com"),
    (Service.SLACK, SLACK, "", "https://hooks.slack.com/…"),
    (Service.DISCORD, DISCORD, "", "https://discord.com/…"),
    (Service.TEAMS, TEAMS, "", "https://prod-1.westus.logic.azure.com:443/…"),
    (Service.TEAMS, AUTOMATE, "", "https://default.ab.environment.api.powerplatform.com/…"),
    (Service.TELEGRAM, "-1001234567890", TOKEN, "-1001234567890"),
    (Service.TELEGRAM, "@team_chat", TOKEN, "@team_chat"),
    (Service.WEBHOOK, "http://[::1]:8080/a?t=1", KEY, "http://[::1]:8080/…"),
    (Service.WEBHOOK, "https://hooks.test/", KEY, "https://hooks.test"),
]


@pytest.mark.parametrize(("service", "place", "secret", "shown"), GOOD)
def test_an_address_of_each_service_is_accepted_and_shown_without_secrets(
    service: Service, place: str, secret: str, shown: str
) -> None:
    address = channels.checked(service, f" {place}\n", secret)
    assert address == Address(place, secret)
    assert channels.shown(service, address) == shown


@pytest.mark.parametrize(
    ("service", "place"),
    [
        (Service.MAIL, ""),
        (Service.MAIL, "ada"),
        (Service.MAIL, "ada@example.com, @b"),
        (Service.MAIL, "a@b\r\nBcc: c@d"),
        (Service.MAIL, ",".join(f"a{n}@b.test" for n in range(21))),
        (Service.SLACK, "https://hooks.slack.com.evil.test/services/A/B/C"),
        (Service.SLACK, f"{SLACK}?template=/etc/passwd"),
        (Service.DISCORD, f"{DISCORD}?template=/etc/passwd"),
        (Service.DISCORD, "http://discord.com/api/webhooks/1/a"),
        (Service.TEAMS, TEAMS.replace("azure.com", "azure.test")),
        (Service.TEAMS, TEAMS.replace("https", "http")),
        (Service.TEAMS, TEAMS.replace("sig=", "gis=")),
        (Service.TEAMS, TEAMS.replace("ab12", "a/b")),
        (Service.TEAMS, TEAMS.replace(":443", ":x")),
        (Service.TELEGRAM, "team"),
        (Service.WEBHOOK, "ftp://hooks.test/"),
        (Service.WEBHOOK, "https://hooks.test:0/"),
        (Service.WEBHOOK, "https://[hooks.test/"),
        (Service.WEBHOOK, "https://hooks.test/a b"),
        (Service.WEBHOOK, "https://ada:secret@hooks.test/"),
        (Service.WEBHOOK, "https://hooks.test/#a"),
        (Service.WEBHOOK, f"https://hooks.test/{'a' * 2000}"),
    ],
)
def test_another_address_is_refused(service: Service, place: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        channels.checked(service, place, TOKEN if service is Service.TELEGRAM else KEY)
    assert caught.value.where == "address"


@pytest.mark.parametrize(
    ("service", "secret"),
    [
        (Service.TELEGRAM, "123:short"),
        (Service.WEBHOOK, ""),
        (Service.WEBHOOK, "whsec_%%%"),
        (Service.WEBHOOK, KEY.removeprefix("whsec_")),
        (Service.WEBHOOK, channels.secret_of(b"a" * 23)),
        (Service.WEBHOOK, channels.secret_of(b"a" * 65)),
    ],
)
def test_another_secret_is_refused_and_not_shown(service: Service, secret: str) -> None:
    place = "@team_chat" if service is Service.TELEGRAM else "https://hooks.test"
    with pytest.raises(InvalidInputError) as caught:
        channels.checked(service, place, secret)
    assert caught.value.where == "secret"
    assert not secret or secret not in str(caught.value)


def test_a_key_is_what_its_secret_holds_in_base64() -> None:
    assert channels.key_of(KEY) == bytes(range(32))
    assert "whsec_" + base64.b64encode(bytes(range(32))).decode() == KEY


def test_recipients_are_told_once_however_they_are_separated() -> None:
    text = " a@b.test; c@d.test\na@b.test,, e@f.test "
    assert channels.recipients(text) == ["a@b.test", "c@d.test", "e@f.test"]


def test_a_long_list_of_recipients_is_cut_where_it_is_shown() -> None:
    address = Address(",".join(f"somebody-{n}@example.com" for n in range(15)))
    assert len(channels.shown(Service.MAIL, address)) == 200


def test_a_workflow_is_taken_apart() -> None:
    assert channels.workflow(TEAMS) == Workflow(
        host="prod-1.westus.logic.azure.com",
        port=443,
        workflow="ab12",
        signature="S1gnature",
        api_version="2016-10-01",
        is_power_automate=False,
        routing_id="",
    )
    newer = channels.workflow(AUTOMATE)
    assert (newer.port, newer.is_power_automate, newer.routing_id) == (None, True, "07")
