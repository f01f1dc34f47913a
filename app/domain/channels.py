"""Channels: which services messages go to, and what the address of each looks like. Pure.

Addresses of chat services are taken apart and never handed on as they were typed: what may follow
in such a URL would have the library that sends read files, or skip the check of certificates.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, urlsplit

from app.errors import InvalidInputError


class Service(StrEnum):
    """Where a channel leads."""

    MAIL = "mail"
    SLACK = "slack"
    TEAMS = "teams"
    TELEGRAM = "telegram"
    DISCORD = "discord"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes.

    `place` is of mail the recipients with commas between them, of Telegram the chat, of the others
    a URL. `secret` is Telegram's bot token, and what webhooks are signed with; empty elsewhere.
    """

    place: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow of Microsoft Teams, as its URL names it."""

    host: str
    port: int | None
    workflow: str
    signature: str
    api_version: str
    #: Of the newer URLs; with the number that routes them, if they have one.
    is_power_automate: bool
    routing_id: str


MAX_RECIPIENTS: Final = 20
MAX_PLACE: Final = 2000

#: Bytes of a new key: as many as SHA-256 gives (RFC 2104, section 3).
KEY_BYTES: Final = 32
#: As https://www.standardwebhooks.com has it: a prefix, then 24 to 64 bytes in Base64.
KEY_PREFIX: Final = "whsec_"
_LEAST_KEY_BYTES: Final = 24
_MOST_KEY_BYTES: Final = 64

#: Not all of RFC 5321, section 4.1.2: no quotes, no comments, no address literals.
_RECIPIENT = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
)
_SLACK = re.compile(r"https://hooks\.slack(?:-gov)?\.com/services(?:/[A-Za-z0-9]{1,80}){3}/?")
_DISCORD = re.compile(
    r"https://discord(?:app)?\.com/api/webhooks/[0-9]{1,30}/[A-Za-z0-9_-]{1,200}/?"
)
_TEAMS_HOST = re.compile(r"[a-z0-9.-]+\.(?:logic\.azure\.com|api\.powerplatform\.com)")
_TEAMS_PATH = re.compile(
    r"(?P<automate>/powerautomate/automations/direct(?:/cu/(?P<route>[0-9]{1,20}))?)?"
    r"/workflows/(?P<workflow>[A-Za-z0-9_-]{1,80})/triggers/manual/paths/invoke/?"
)
_TEAMS_WORD = re.compile(r"[A-Za-z0-9._-]{1,200}")
_CHAT = re.compile(r"-?[0-9]{1,20}|@[A-Za-z0-9_]{5,32}")
_BOT_TOKEN = re.compile(r"[0-9]{1,15}:[A-Za-z0-9_-]{30,50}")

_FORMS = {
    Service.SLACK: "https://hooks.slack.com/services/T…/B…/…",
    Service.DISCORD: "https://discord.com/api/webhooks/…/…",
    Service.TEAMS: "https://….logic.azure.com/workflows/…/triggers/manual/paths/invoke?…&sig=…",
}


def checked(service: Service, place: str, secret: str = "") -> Address:
    """The address in the form that its service has.

    Raises InvalidInputError that names "address" or "secret", and shows neither.
    """
    if len(place) > MAX_PLACE:
        raise InvalidInputError(f"This may have at most {MAX_PLACE} characters.", where="address")
    place, secret = place.strip(), secret.strip()
    if service is Service.MAIL:
        return Address(",".join(recipients(place)))
    if service is Service.TELEGRAM:
        return _chat(place, secret)
    if service is Service.WEBHOOK:
        key_of(secret)
        return Address(_http_url(place), secret)
    _check_chat_url(service, place)
    return Address(place)


def recipients(text: str) -> list[str]:
    """The e-mail addresses in a text; raises InvalidInputError where one is none."""
    found = list(dict.fromkeys(re.split(r"[\s,;]+", text.strip(" \t\r\n,;"))))
    if not all(_RECIPIENT.fullmatch(one) for one in found):
        raise InvalidInputError(
            "Not all of these are e-mail addresses.",
            where="address",
            hint="Write ada@example.com, bob@example.com.",
        )
    if len(found) > MAX_RECIPIENTS:
        raise InvalidInputError(f"At most {MAX_RECIPIENTS} recipients.", where="address")
    return found


def _chat(place: str, secret: str) -> Address:
    if not _CHAT.fullmatch(place):
        raise InvalidInputError(
            "This is no chat of Telegram.", where="address", hint="Write -1001234567890 or @name."
        )
    if not _BOT_TOKEN.fullmatch(secret):
        raise InvalidInputError(
            "This is no token of a bot.", where="secret", hint="BotFather tells it: 123456:ABC…."
        )
    return Address(place, secret)


def _check_chat_url(service: Service, place: str) -> None:
    if service is Service.TEAMS:
        workflow(place)
    elif not (_SLACK if service is Service.SLACK else _DISCORD).fullmatch(place):
        raise _other_form(service)


def _other_form(service: Service) -> InvalidInputError:
    return InvalidInputError(
        f"This is no webhook of {service.value.capitalize()}.",
        where="address",
        hint=f"It looks like {_FORMS[service]}.",
    )


def workflow(url: str) -> Workflow:
    """The workflow that a URL of Microsoft Teams names; raises InvalidInputError."""
    try:
        parts = urlsplit(url)
        port = parts.port
        given = parse_qs(parts.query, max_num_fields=20)
    except ValueError as error:
        raise _other_form(Service.TEAMS) from error
    found = _TEAMS_PATH.fullmatch(parts.path)
    signature = given.get("sig", [""])[0]
    version = given.get("api-version", ["2016-06-01"])[0]
    is_host = parts.scheme == "https" and _TEAMS_HOST.fullmatch(parts.hostname or "")
    words = (signature, version)
    if not found or not is_host or not all(_TEAMS_WORD.fullmatch(word) for word in words):
        raise _other_form(Service.TEAMS)
    return Workflow(
        host=parts.hostname or "",
        port=port,
        workflow=found["workflow"],
        signature=signature,
        api_version=version,
        is_power_automate=bool(found["automate"]),
        routing_id=found["route"] or "",
    )


def _http_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or not re.fullmatch(r"[\x21-\x7e]+", url):
        raise InvalidInputError(
            "This is not an absolute URL.", where="address", hint="Write https://…."
        )
    if parts.username is not None or parts.fragment:
        raise InvalidInputError(
            "A webhook's URL has no user name and no fragment.",
            where="address",
            hint="The receiver knows us by the signature.",
        )
    return url


def secret_of(key: bytes) -> str:
    """A webhook's secret that holds the key."""
    return KEY_PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """The key that a webhook's secret holds; raises InvalidInputError where it is none."""
    try:
        key = base64.b64decode(secret.removeprefix(KEY_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(KEY_PREFIX) or not _LEAST_KEY_BYTES <= len(key) <= _MOST_KEY_BYTES:
        raise InvalidInputError(
            f"A key is {KEY_PREFIX} and {_LEAST_KEY_BYTES} to {_MOST_KEY_BYTES} bytes in Base64.",
            where="secret",
            hint="Leave it empty to have one made.",
        )
    return key


def shown(service: Service, address: Address) -> str:
    """An address as pages, logs and answers may show it: without tokens and keys."""
    if service in {Service.MAIL, Service.TELEGRAM}:
        place = address.place.replace(",", ", ")
        return place if len(place) <= _SHOWN else f"{place[: _SHOWN - 1]}…"
    parts = urlsplit(address.place)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    rest = "/…" if parts.path.strip("/") or parts.query else ""
    return f"{parts.scheme}://{host}{port}{rest}"


#: Characters of an address that are shown.
_SHOWN: Final = 200
