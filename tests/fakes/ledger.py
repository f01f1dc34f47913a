"""An API of invoices, each for the eyes of who wrote it alone; with one fault, or none.

Who asks is proved in one of several ways. Whatever the fault, the description stays as it is.
"""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from flask import Flask, Response, abort, g, jsonify, request
from werkzeug.exceptions import HTTPException

from testops.json_values import Json

#: Name → security scheme.
SCHEMES: Mapping[str, Mapping[str, Json]] = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Ledger-Key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
    "basic": {"type": "http", "scheme": "basic"},
    "oauth2": {"type": "oauth2", "flows": {"password": {"tokenUrl": "/token", "scopes": {}}}},
    "jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "query": {"type": "apiKey", "in": "query", "name": "ledger_key"},
}
#: Name → the operation that has it.
FAULTS = {
    "open": "GET /invoices",
    "any-proof": "GET /me",
    "crash-on-no-pair": "GET /me",
    "crash-on-no-token": "GET /me",
    "expired-taken": "GET /me",
    "others-read": "GET /invoices/{invoice_id}",
    "others-change": "PATCH /invoices/{invoice_id}",
    "others-delete": "DELETE /invoices/{invoice_id}",
    "anybody-deletes": "DELETE /invoices/{invoice_id}",
    "others-listed": "GET /invoices",
    "totals-for-all": "GET /totals",
    "password-told": "GET /me",
    "owner-changed": "PATCH /invoices/{invoice_id}",
    "owner-chosen": "POST /invoices",
    "role-changed": "PATCH /me",
    "trace-told": "GET /invoices/{invoice_id}",
    "address-told": "GET /invoices/{invoice_id}",
}
_ADDRESS = "postgresql://ledger:hunter22@db.internal/ledger"


def description(scheme: str) -> bytes:
    """The OpenAPI document."""
    found = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text())
    found["components"]["securitySchemes"] = {"user": SCHEMES[scheme]}
    return json.dumps(found).encode()


def proof(scheme: str, user: str) -> dict[str, str]:
    """The header with which a user asks: "mia", "tom", or "ada", who is the admin."""
    basic = base64.b64encode(f"{user}:word-of-{user}".encode()).decode()
    return {
        "key": {"X-Ledger-Key": f"word-of-{user}"},
        "cookie": {"Cookie": f"theme=dark; session=word-of-{user}"},
        "query": {"?ledger_key": f"word-of-{user}"},
        "basic": {"Authorization": f"Basic {basic}"},
    }.get(scheme, {"Authorization": f"Bearer word-of-{user}"})


def application(scheme: str, fault: str = "") -> Flask:
    """The API with a store of its own."""
    return Ledger(scheme, fault).application()


class Ledger:
    """What is kept, and how it is answered."""

    def __init__(self, scheme: str, fault: str) -> None:
        self._scheme = scheme
        self._fault = fault
        self._users = {
            name: {"name": name, "title": name.title(), "role": role}
            for name, role in (("mia", "user"), ("tom", "user"), ("ada", "admin"))
        }
        self._invoices: dict[int, dict[str, Json]] = {}
        self._numbers = itertools.count(1)

    def application(self) -> Flask:
        """The routes."""
        app = Flask("ledger", static_folder=None)
        app.before_request(self._admit)
        app.register_error_handler(HTTPException, self._refused)
        app.add_url_rule("/status", "status", lambda: "", methods=["GET"])
        app.add_url_rule("/me", "me", self._me, methods=["GET", "PATCH"])
        app.add_url_rule("/totals", "totals", self._totals, methods=["GET"])
        app.add_url_rule("/invoices", "invoices", self._list, methods=["GET"])
        app.add_url_rule("/invoices", "write", self._write, methods=["POST"])
        one = "/invoices/<int:number>"
        app.add_url_rule(one, "invoice", self._invoice, methods=["GET", "PATCH", "DELETE"])
        return app

    def _has(self, *faults: str) -> bool:
        """Whether the fault is one of these, at the operation that is asked for."""
        rule = str(request.url_rule).replace("<int:number>", "{invoice_id}")
        return self._fault in faults and FAULTS[self._fault] == f"{request.method} {rule}"

    def _admit(self) -> None:
        if request.endpoint in {None, "status"}:
            return
        word = self._word()
        user = (word or "").removeprefix("word-of-")
        if user not in self._users or not (word or "").startswith("word-of-"):
            user = "mia" if self._has("open", "anybody-deletes") else ""
            user = "mia" if word and self._has("any-proof") else user
            # As of a JWT whose signature and end nobody looks at.
            user = "mia" if word and word.count(".") and self._has("expired-taken") else user
        if not user:
            abort(401)
        g.user = user

    def _word(self) -> str | None:
        """What stands where the proof should."""
        if self._scheme == "key":
            return request.headers.get("X-Ledger-Key")
        if self._scheme == "cookie":
            return request.cookies.get("session")
        if self._scheme == "query":
            return request.args.get("ledger_key")
        text = request.headers.get("Authorization", "")
        kind, _, rest = text.partition(" ")
        if text and self._has("crash-on-no-token"):
            _, rest = text.split()
        if self._has("crash-on-no-pair"):
            base64.b64decode(rest, validate=True)
        if kind != ("Basic" if self._scheme == "basic" else "Bearer"):
            return None
        return _password(rest) if kind == "Basic" else rest

    def _refused(self, error: HTTPException) -> Response:
        told: dict[str, Json] = {"error": error.name}
        if self._has("trace-told"):
            told["debug"] = 'Traceback (most recent call last):\n  File "ledger.py", line 3'
        if self._has("address-told"):
            told["error"] = f"nothing in {_ADDRESS}"
        answer = jsonify(told)
        answer.status_code = error.code or 500
        answer.headers.extend((k, v) for k, v in error.get_headers() if k == "Allow")
        if answer.status_code == 401:
            answer.headers["WWW-Authenticate"] = "Basic" if self._scheme == "basic" else "Bearer"
        return answer

    def _me(self) -> Response:
        me = self._users[g.user]
        if request.method == "PATCH":
            me["title"] = _sent({"title": (str, 1, 40)}, 1)["title"]
            if self._has("role-changed"):
                me["role"] = request.get_json().get("role", me["role"])
        more = {"password_hash": "$2b$12$Qx"} if self._has("password-told") else {}
        return jsonify({**me, **more})

    def _totals(self) -> Response:
        if self._users[g.user]["role"] != "admin" and not self._has("totals-for-all"):
            abort(403)
        return jsonify({"cents": sum(each["cents"] for each in self._invoices.values())})

    def _list(self) -> Response:
        everything = self._has("others-listed")
        shown = [i for i in self._invoices.values() if everything or i["owner"] == g.user]
        return jsonify(shown)

    def _write(self) -> tuple[Response, int]:
        made = {"id": next(self._numbers), **_sent(_PARTS, 2), "owner": g.user}
        if self._has("owner-chosen"):
            made["owner"] = request.get_json().get("owner", g.user)
        self._invoices[made["id"]] = made
        return jsonify(made), 201

    def _invoice(self, number: int) -> Response | tuple[str, int]:
        found = self._invoices.get(number)
        for_all = self._has("others-read", "others-change", "others-delete")
        if found is None or (found["owner"] != g.user and not for_all):
            abort(404)
        if request.method == "DELETE":
            del self._invoices[number]
            return "", 204
        if request.method == "PATCH":
            found |= _sent(_PARTS, 1)
            if self._has("owner-changed"):
                found["owner"] = request.get_json().get("owner", found["owner"])
        return jsonify(found)


#: Property → kind, least and most.
_PARTS = {"customer": (str, 1, 40), "cents": (int, 0, 1_000_000)}


def _sent(parts: Mapping[str, tuple[type, int, int]], least: int) -> dict[str, Any]:
    """The properties that were sent, each as described; at least so many."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(422)
    found: dict[str, Any] = {name: value for name, value in body.items() if name in parts}
    for name, value in found.items():
        kind, low, high = parts[name]
        size = len(value) if isinstance(value, str) else value
        if type(value) is not kind or not low <= size <= high:
            abort(422)
    if len(found) < least:
        abort(422)
    return found


def _password(text: str) -> str:
    """The password of Basic; empty where there is none (RFC 7617)."""
    try:
        return base64.b64decode(text, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
