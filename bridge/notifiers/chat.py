"""Delivers messages to chat services: Apprise knows what each wants to hear, and we carry it.

Apprise sends with the library `requests`: wherever a name leads, as long as an answer takes and
however large it is. Its services get a stand-in for that library, which sends by `outgoing`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import apprise
import requests
from apprise.plugins import discord, slack, telegram, workflows

from app.domain import channels
from app.domain.channels import Address, Service
from app.errors import InvalidInputError, PlatformError
from app.services.deliveries import Message
from bridge.notifiers.outgoing import Outgoing

#: No pictures from elsewhere, no news of what it does: its log shows addresses as they are.
_ASSET: Final = apprise.AppriseAsset(
    app_id="AI TestOps",
    app_desc="AI TestOps",
    image_url_mask=None,
    image_url_logo=None,
    http_redirects=False,
)
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

_MARKUP = re.compile(r"([\\*_~`|\[\]<>#-])")
_LINK = re.compile(r"https?://\S+")
#: Keeps an "@" from calling anybody.
_ZERO_WIDTH_SPACE: Final = "\u200b"


@dataclass(slots=True)
class _Ride:
    """One delivery: how it is carried, and what came of it."""

    outgoing: Outgoing
    error: PlatformError | None = None
    requests: int = 0


_riding: ContextVar[_Ride] = ContextVar("riding")


class _Carrier(requests.adapters.BaseAdapter):
    """Sends what the library has prepared by the way of the present ride."""

    def send(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        """The answer; RequestException, which Apprise takes for the end, for anything else."""
        ride = _riding.get()
        ride.requests += 1
        body = request.body or b""
        try:
            status, content = ride.outgoing.send(
                request.method or "POST",
                request.url or "",
                {
                    name: str(value)
                    for name, value in request.headers.items()
                    if name.lower() not in _OF_THE_LIBRARY
                },
                body.encode() if isinstance(body, str) else bytes(body),  # type: ignore[arg-type]  # services send text, no files
            )
        except PlatformError as error:
            ride.error = error
            raise requests.RequestException(str(error)) from error
        return _response(request, status, content)

    def close(self) -> None:
        """Nothing is kept open."""


#: What `outgoing` decides.
_OF_THE_LIBRARY = frozenset({"accept-encoding", "connection", "content-length", "host"})


def _response(request: requests.PreparedRequest, status: int, content: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.request = request
    response._content = content  # noqa: SLF001 - as adapters of the library do
    return response


class _Library:
    """What Apprise's services use of `requests`."""

    codes = requests.codes
    RequestException = requests.RequestException

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - the library's signature
        """Send a request by the present ride."""
        kept = {name: options.get(name) for name in ("params", "data", "headers", "json", "auth")}
        with requests.Session() as session:
            # Neither proxies nor passwords of the machine's user.
            session.trust_env = False
            for scheme in ("https://", "http://"):
                session.mount(scheme, _Carrier())
            return session.request(method, url, allow_redirects=False, **kept)

    def post(self, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - the library's signature
        """POST."""
        return self.request("POST", url, **options)


for _module in (discord, slack, telegram, workflows):
    vars(_module)["requests"] = _Library()


class _Ridden:
    """Of a service of Apprise, which sends on a thread of its own: takes the ride along."""

    ride: _Ride

    def send(self, *args: Any, **options: Any) -> bool:  # noqa: ANN401 - Apprise's signature
        """Send by this delivery's ride."""
        token = _riding.set(self.ride)
        try:
            return bool(super().send(*args, **options))  # type: ignore[misc]  # of the other base
        finally:
            _riding.reset(token)


def _ridden(service: Any) -> Any:  # noqa: ANN401 - Apprise's classes are made by untyped ones
    return type(service.__name__, (_Ridden, service), {})


_Slack = _ridden(slack.NotifySlack)
_Discord = _ridden(discord.NotifyDiscord)
_Telegram = _ridden(telegram.NotifyTelegram)
_Teams = _ridden(workflows.NotifyWorkflows)


def _slack(address: Address, **options: Any) -> Any:  # noqa: ANN401 - as above
    token_a, token_b, token_c = address.place.rstrip("/").split("/")[-3:]
    return _Slack(
        token_a=token_a,
        token_b=token_b,
        token_c=token_c,
        targets=[],
        mode="gov-hook" if "slack-gov.com" in address.place else "hook",
        include_image=False,
        include_footer=False,
        include_timestamp=False,
        **options,
    )


def _discord(address: Address, **options: Any) -> Any:  # noqa: ANN401 - as above
    identifier, token = address.place.rstrip("/").split("/")[-2:]
    return _Discord(
        webhook_id=identifier, webhook_token=token, avatar=False, footer=False, **options
    )


def _telegram(address: Address, **options: Any) -> Any:  # noqa: ANN401 - as above
    return _Telegram(
        bot_token=address.secret, targets=[address.place], detect_owner=False, **options
    )


def _teams(address: Address, **options: Any) -> Any:  # noqa: ANN401 - as above
    found = channels.workflow(address.place)
    return _Teams(
        workflow=found.workflow,
        signature=found.signature,
        version=found.api_version,
        power_automate=found.is_power_automate,
        routing_id=found.routing_id or None,
        host=found.host,
        port=found.port,
        include_image=False,
        **options,
    )


_SERVICES: Final[Mapping[Service, Callable[..., Any]]] = {
    Service.SLACK: _slack,
    Service.TEAMS: _teams,
    Service.TELEGRAM: _telegram,
    Service.DISCORD: _discord,
}


@dataclass(frozen=True, slots=True)
class ChatNotifier:
    """Delivers to the channels of one chat service."""

    service: Service
    outgoing: Outgoing

    def send(self, address: Address, message: Message) -> None:
        """As `bridge.notifiers.notifier.Notifier` says."""
        ride = _Ride(self.outgoing)
        plugin = _SERVICES[self.service](address, overflow="truncate", asset=_ASSET)
        plugin.ride = ride
        channel = apprise.Apprise(asset=_ASSET)
        channel.add(plugin)
        delivered = channel.notify(
            title=_harmless(message.title, self.service).strip(),
            body=_harmless(message.text, self.service).strip(),
            # For a card the text is Markdown by now.
            body_format=apprise.NotifyFormat.MARKDOWN
            if self.service is Service.TEAMS
            else apprise.NotifyFormat.TEXT,
        )
        if ride.error is not None:
            raise ride.error
        if not delivered:
            raise InvalidInputError(
                f"{self.service.value.capitalize()} did not take the message.",
                hint="Give the channel's address again.",
            )


def _harmless(text: str, service: Service) -> str:
    """A text that calls nobody and is shown as it is; what it says is foreign."""
    if service in {Service.DISCORD, Service.TELEGRAM}:
        text = text.replace("@", f"@{_ZERO_WIDTH_SPACE}")
    return "\n".join(_MARKED.get(service, _plain)(line) for line in text.split("\n"))


def _plain(line: str) -> str:
    return line


def _marked(line: str) -> str:
    """A line for Discord: links are known by themselves."""
    return line if _LINK.fullmatch(line) else _MARKUP.sub(r"\\\1", line)


def _of_a_card(line: str) -> str:
    """A line of an adaptive card, which is a paragraph of its own."""
    return f"[{line}]({line})\n" if _LINK.fullmatch(line) else _MARKUP.sub(r"\\\1", line) + "\n"


_MARKED: Final[Mapping[Service, Callable[[str], str]]] = {
    Service.DISCORD: _marked,
    Service.TEAMS: _of_a_card,
}
