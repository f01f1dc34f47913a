"""What every way to deliver a message keeps to, and which one each service takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol

from app.domain.channels import Address, Service
from app.domain.network import NetworkPolicy
from app.services.deliveries import Message
from app.settings import Settings
from bridge.notifiers.chat import ChatNotifier
from bridge.notifiers.mail import MailNotifier, server_of
from bridge.notifiers.outgoing import Internet, Outgoing
from bridge.notifiers.webhook import WebhookNotifier


class Notifier(Protocol):
    """Delivers messages to the channels of a service. Thread-safe."""

    def send(self, address: Address, message: Message) -> None:
        """Deliver it; may block, but less than `app.services.deliveries.LEASE`.

        Raises InvalidInputError where trying again cannot help, and UnavailableError where it may
        (`bridge.notifiers.outgoing.LaterError` says when). Neither shows a secret.
        """
        ...


def internet(settings: Settings) -> Internet:
    """The way to others that an installation allows."""
    return Internet(NetworkPolicy(settings.allowed_private_hosts))


def of_settings(settings: Settings, outgoing: Outgoing) -> Mapping[Service, Notifier]:
    """Whatever an installation can deliver; raises InvalidInputError for its mail server."""
    chat = {
        service: ChatNotifier(service, outgoing)
        for service in (Service.SLACK, Service.TEAMS, Service.TELEGRAM, Service.DISCORD)
    }
    url = settings.smtp_url.get_secret_value()
    return {
        **chat,
        Service.WEBHOOK: WebhookNotifier(outgoing, clock=lambda: dt.datetime.now(dt.UTC)),
        Service.MAIL: MailNotifier(server_of(url) if url else None),
    }
