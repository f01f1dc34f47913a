"""An authorization server and the API that believes its tokens, on loopback, on one port.

It knows one client and one user. `/token` takes the client's credentials as Basic, `/posted` in the
form; `/.well-known/openid-configuration` names the first. `/me` answers who has a valid token, and
repeats the token; `/books` makes one for them; `/locked` answers 401 to everybody.
"""

from __future__ import annotations

import base64
import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote_plus

CLIENT, CLIENT_SECRET = "shop:1", "s3cret /ü"
USER, PASSWORD = "mira", "pässw0rd&co"

_STATUSES = {"GET /me": 200, "POST /books": 201, "DELETE /books/7": 204}
_FORM = "application/x-www-form-urlencoded"


class AuthorizationServer:
    """Listens while in its context."""

    def __init__(self, *, expires_in: float | None = 3600) -> None:
        #: Of the tokens that are given from now on, in seconds.
        self.expires_in = expires_in
        #: The form of every request for a token.
        self.forms: list[dict[str, str]] = []
        #: Method and path of every request.
        self.asked: list[str] = []
        #: Valid tokens → whose they are.
        self.tokens: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """The base URL of both."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, asked: str, authorization: str, form: dict[str, str]) -> tuple[int, object]:
        """Status and JSON of an answer; `asked` is the method and the path."""
        match asked:
            case "GET /.well-known/openid-configuration":
                return 200, {"issuer": self.url, "token_endpoint": f"{self.url}/token"}
            case "POST /token":
                return self._granted(_basic(authorization), form)
            case "POST /posted":
                client = form.get("client_id", ""), form.get("client_secret", "")
                return self._granted(client, form)
            case "GET /me" | "POST /books" | "DELETE /books/7":
                scheme, _, token = authorization.partition(" ")
                if scheme == "Bearer" and token in self.tokens:
                    return _STATUSES[asked], {"name": self.tokens[token], "token": token, "id": 7}
        is_known = asked in {*_STATUSES, "GET /locked"}
        return (401 if is_known else 404), {}

    def _granted(self, client: tuple[str, str], form: dict[str, str]) -> tuple[int, object]:
        self.forms.append(form)
        if client != (CLIENT, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        user = form.get("username"), form.get("password")
        if form["grant_type"] == "password" and user != (USER, PASSWORD):
            said = f"Wrong password\n{form['password']}."
            return 400, {"error": "invalid_grant", "error_description": said}
        token = f"eyJhbGciOi.token-{len(self.forms)}"
        self.tokens[token] = form.get("username", client[0])
        life = {} if self.expires_in is None else {"expires_in": self.expires_in}
        return 200, {"access_token": token, "token_type": "Bearer", **life}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.do_POST()

            def do_DELETE(self) -> None:
                self.do_POST()

            def do_HEAD(self) -> None:
                self.do_POST()

            def do_POST(self) -> None:
                asked = f"{self.command} {self.path}"
                server.asked.append(asked)
                text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                is_form = self.headers.get("Content-Type") == _FORM
                form = (
                    {name: values[0] for name, values in parse_qs(text).items()} if is_form else {}
                )
                asked = asked.replace("HEAD", "GET")
                status, body = server.answer(asked, self.headers.get("Authorization", ""), form)
                sent = b"" if status == HTTPStatus.NO_CONTENT else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent if self.command != "HEAD" else b"")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                """Say nothing."""

        return Handler


def _basic(authorization: str) -> tuple[str, str]:
    """Both are encoded as forms are (RFC 6749, section 2.3.1)."""
    name, _, secret = base64.b64decode(authorization.partition(" ")[2]).decode().partition(":")
    return unquote_plus(name), unquote_plus(secret)
