"""The API that the whole path tests: its description, what it answers, and scripts that ask it."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator
from typing import ClassVar

DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {"title": "Greetings", "version": "1"},
    "paths": {
        "/greetings/{name}": {
            "get": {
                "summary": "Greet somebody",
                "parameters": [
                    {
                        "name": "name",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                        "example": "Ada",
                    }
                ],
                "responses": {
                    "200": {
                        "description": "A greeting",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["greeting"],
                                    "properties": {"greeting": {"type": "string"}},
                                }
                            }
                        },
                    },
                    "404": {"description": "Nobody"},
                },
            }
        }
    },
}

SLOW_SCRIPT = '''
import time

OPERATION = "GET /greetings/{{name}}"


def test_slow_{number}():
    """Takes long enough to be interrupted."""
    time.sleep(0.3)
'''


ASKING_SCRIPT = '''
import time

OPERATION = "GET /greetings/{{name}}"


def test_asking_{number}(api):
    """Asks the API, so that it is seen whether this was executed; takes long enough, as above."""
    api.get("/greetings/{{name}}", path={{"name": "asked-{number}"}})
    time.sleep(0.3)
'''


#: How the paths begin that only such scripts ask for.
ASKED = "/greetings/asked"

#: What the environment holds; whoever else sees one of these has seen too much.
HEADER, PASSWORD = "the-key-of-all-doors", 'open "sesame" & come/in'

TELLING_SCRIPT = '''
OPERATION = "GET /greetings/{name}"


def test_telling(api):
    """Uses the secret and tells of it wherever it can."""
    password = api.secret("PASSWORD")
    print("output", password)
    answer = api.get("/greetings/{name}", path={"name": "Ada"}, headers={"X-Password": password})
    raise AssertionError(f"message {password} {answer.text}")
'''

HANGING_SCRIPT = '''
import time

OPERATION = "GET /greetings/{{name}}"


def test_hanging(api):
    """Asks the API, so that it is seen when it hangs."""
    api.get("/greetings/{{name}}", path={{"name": "asked"}})
    {hang}
'''
#: The second never comes back from C code, so that Python cannot handle a signal.
HANGS = ("time.sleep(600)", "sum(range(10**13))")


class Greetings(http.server.BaseHTTPRequestHandler):
    """An API that keeps its description."""

    #: Paths that were asked for.
    asked: ClassVar[list[str]] = []
    #: Proofs of who asks that were sent.
    proofs: ClassVar[set[tuple[str | None, str | None]]] = set()
    #: While this is not set, the scripts that ask so that it is seen wait for their answer.
    may_answer = threading.Event()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path.startswith(ASKED):
            self.may_answer.wait(60)
        proof = (self.headers["X-Key"], self.headers["X-Password"])
        self.proofs.add(proof)
        known = self.path == "/greetings/Ada"
        body = json.dumps({"greeting": "Hello, Ada.", "proof": proof}).encode() if known else b""
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """Address of the tested API."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Greetings) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        Greetings.may_answer.set()
        server.shutdown()
        thread.join()
