"""Delivery through Apprise, to a server of ours."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from app.errors import InvalidInputError, UnavailableError
from bridge.notifiers import apprise
from bridge.notifiers.apprise import AppriseNotifier

# Apprise loads all of its services with the first use, and one of them is of an older Python.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes what is posted to /good, refuses the rest."""

    taken: list[dict[str, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/good"):
            type(self).taken.append(json.loads(body))
        self.send_response(200 if self.path.startswith("/good") else 500)
        self.end_headers()

    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[str]:
    """Host and port of a webhook."""
    Hook.taken = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_message_arrives_with_title_and_text(hook: str) -> None:
    AppriseNotifier().send(f"json://{hook}/good", title="Greetings", text="1 failed")
    [message] = Hook.taken
    assert message["title"] == "Greetings"
    assert message["message"] == "1 failed"


def test_a_refusal_is_told_without_the_urls_secrets(hook: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        AppriseNotifier().send(f"json://somebody:hunter22@{hook}/bad/t0ken9", title="", text="x")
    assert "was not delivered" in str(caught.value)
    assert "hunter22" not in str(caught.value)
    assert "t0ken9" not in str(caught.value)


def test_a_url_of_no_service_is_the_users_mistake() -> None:
    with pytest.raises(InvalidInputError, match="names no service"):
        AppriseNotifier().send("nosuch://service", title="t", text="x")


def test_parts_of_the_url_are_masked_the_longest_first() -> None:
    told = apprise._told(["no such host secrets-of-mine"], "json://secrets-of-mine/secrets/a")
    assert told == "no such host ***"


def test_a_service_that_says_nothing_is_told_so() -> None:
    assert apprise._told([], "json://host") == "no reason given."
