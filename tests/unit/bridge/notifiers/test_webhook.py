"""Signed webhooks, checked as their receiver would."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json

from app.domain import channels
from app.domain.channels import Address
from app.services.deliveries import Message
from app.services.notifications import TEST_TEXT
from bridge.notifiers import webhook
from bridge.notifiers.webhook import WebhookNotifier
from tests.unit.bridge.notifiers.sent import LINK, Notebook, Request, message

KEY = b"k" * 32
ADDRESS = Address("https://hooks.test/in?a=1", channels.secret_of(KEY))
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def sent(told: Message) -> Request:
    notebook = Notebook()
    WebhookNotifier(notebook, clock=lambda: NOW).send(ADDRESS, told)
    [request] = notebook.requests
    return request


def test_a_receiver_can_check_that_it_was_us_and_when() -> None:
    request = sent(message())
    assert (request.method, request.url) == ("POST", ADDRESS.place)
    moment = request.headers["webhook-timestamp"]
    assert moment == str(int(NOW.timestamp()))
    signed = f"message-1.{moment}.".encode() + request.body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert request.headers["webhook-id"] == "message-1"


def test_the_specification_s_own_example_is_signed_as_it_says() -> None:
    """From the documentation of Standard Webhooks."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signature = webhook.signature(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_body_says_what_happened_to_which_suite() -> None:
    told = json.loads(sent(message("Pets: é", "text")).body)
    assert told["type"] == "news"
    assert told["data"]["suite"] == {"id": "suite-1", "name": "Pets"}
    assert told["data"]["text"] == f"text\n{LINK}"
    assert told["data"]["items"] == [
        {
            "kinds": ["failure", "finish"],
            "title": "Pets: é",
            "text": "text",
            "url": LINK,
            "run_id": "run-1",
            "at": "2026-01-01T00:00:00+00:00",
        }
    ]


def test_a_test_is_told_as_one() -> None:
    told = json.loads(sent(Message("m", "s", "Pets", "a test", [])).body)
    assert (told["type"], told["data"]["items"], told["data"]["text"]) == ("test", [], TEST_TEXT)
