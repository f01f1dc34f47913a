"""Webhooks that their receiver can trust: signed with HMAC-SHA256 as Standard Webhooks has it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass

from app.domain import channels
from app.domain.channels import Address
from app.services.deliveries import Item, Message
from bridge.notifiers.outgoing import Outgoing


@dataclass(frozen=True, slots=True)
class WebhookNotifier:
    """Posts JSON; the same message has the same `webhook-id` in each attempt."""

    outgoing: Outgoing
    clock: Callable[[], dt.datetime]

    def send(self, address: Address, message: Message) -> None:
        """As `bridge.notifiers.Notifier` says."""
        body = payload(message)
        moment = str(int(self.clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": moment,
            "webhook-signature": signature(address.secret, message.id, moment, body),
        }
        self.outgoing.send("POST", address.place, headers, body)


def signature(secret: str, message_id: str, moment: str, body: bytes) -> str:
    """What proves that a body is ours and was sent at this moment (seconds since 1970)."""
    signed = b".".join((message_id.encode(), moment.encode(), body))
    digest = hmac.digest(channels.key_of(secret), signed, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def payload(message: Message) -> bytes:
    """The body: `type`, and `data` with the suite and what happened to it."""
    return json.dumps(
        {
            "type": "news" if message.items else "test",
            "data": {
                "title": message.title,
                "text": message.text,
                "suite": {"id": message.suite_id, "name": message.suite_name},
                "items": [_item(item) for item in message.items],
            },
        },
        ensure_ascii=False,
    ).encode()


def _item(item: Item) -> dict[str, object]:
    return {
        "kinds": list(item.kinds),
        "title": item.title,
        "text": item.text,
        "url": item.link,
        "run_id": item.run_id,
        "at": item.at.isoformat(),
    }
