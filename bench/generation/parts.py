"""An API of spare parts with ten faults that fuzzers miss, of which one at a time is switched on.

The faults are those with which a study of 2023 tried seven tools; the best of them found two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from testops.json_values import Json

_NAME_LENGTH, _MAX_COUNT = 40, 1000
_KINDS = ("bolt", "nut", "washer")


class Fault(Enum):
    """What goes wrong, and the operation where it does."""

    CRASH = "GET /parts/{part_id}: an exception where the part is unknown"
    TYPE = "GET /parts/{part_id}: the count is a string"
    STATUS = "POST /parts: answers 202, which is not documented"
    MAXIMUM = "POST /parts: a count beyond its maximum is taken"
    ENUM = "POST /parts: a kind that there is not is taken"
    REQUIRED = "POST /parts: a part without its kind is taken"
    LOCATION = "POST /parts: Location leads nowhere"
    DELETE = "DELETE /parts/{part_id}: deletes nothing"
    MERGE = "PUT /parts/{part_id}: keeps what the new part does not have"
    REPEATED = "PUT /parts/{part_id}: the same once more adds to the count"


_PART: Final[Json] = {
    "type": "object",
    "required": ["name", "kind", "count"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": _NAME_LENGTH},
        "kind": {"type": "string", "enum": list(_KINDS)},
        "count": {"type": "integer", "minimum": 0, "maximum": _MAX_COUNT},
        "note": {"type": "string", "maxLength": 200},
    },
}
_STORED: Final[Json] = {
    "type": "object",
    "required": ["id", *_PART["required"]],
    "properties": {"id": {"type": "integer", "readOnly": True}, **_PART["properties"]},
}
_PROBLEM: Final[Json] = {"type": "object", "required": ["title"]}
_ID: Final[Json] = {
    "name": "part_id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}


def _answer(text: str, schema: str = "", **more: Json) -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": text, **({"content": content} if schema else {}), **more}


_LOCATION: Final[Json] = {"Location": {"required": True, "schema": {"type": "string"}}}
_SENT: Final[Json] = {
    "required": True,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewPart"}}},
}
_REFUSED = {"400": _answer("No JSON object.", "Problem"), "422": _answer("Not valid.", "Problem")}
_UNKNOWN = {"404": _answer("There is no such part.", "Problem")}
DESCRIPTION: Final[Json] = {
    "openapi": "3.1.0",
    "info": {"title": "Spare parts", "version": "1"},
    "paths": {
        "/parts": {
            "get": {"responses": {"200": _answer("All parts.", "Parts")}},
            "post": {
                "requestBody": _SENT,
                "responses": {"201": _answer("Made.", "Part", headers=_LOCATION), **_REFUSED},
            },
        },
        "/parts/{part_id}": {
            "parameters": [_ID],
            "get": {"responses": {"200": _answer("The part.", "Part"), **_UNKNOWN}},
            "put": {
                "description": "Replaces the part as a whole.",
                "requestBody": _SENT,
                "responses": {"200": _answer("Replaced.", "Part"), **_REFUSED, **_UNKNOWN},
            },
            "delete": {"responses": {"204": _answer("Deleted."), **_UNKNOWN}},
        },
    },
    "components": {
        "schemas": {
            "NewPart": _PART,
            "Part": _STORED,
            "Parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
            "Problem": _PROBLEM,
        }
    },
}


class _RefusedError(Exception):
    """The request cannot be done."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


def create_app(fault: Fault | None) -> Flask:
    """The API with an empty store of its own, and with one fault or none."""
    app, store = Flask(__name__), _Store(fault)
    app.errorhandler(_RefusedError)(_problem)
    app.errorhandler(HTTPException)(_problem_of_server)
    _route(app, "/openapi.json", "GET", lambda: jsonify(DESCRIPTION))
    _route(app, "/parts", "GET", lambda: jsonify(list(store.parts.values())))
    _route(app, "/parts", "POST", store.create)
    _route(app, "/parts/<int:number>", "GET", store.read)
    _route(app, "/parts/<int:number>", "PUT", store.replace)
    _route(app, "/parts/<int:number>", "DELETE", store.delete)
    return app


def _route(app: Flask, path: str, method: str, view: Callable[..., object]) -> None:
    # Flask would answer OPTIONS by itself once for each route of the path.
    app.add_url_rule(path, f"{method} {path}", view, methods=[method])  # type: ignore[arg-type]


def _problem(refused: _RefusedError) -> tuple[Response, int]:
    return jsonify(title=refused.status.phrase), refused.status


def _problem_of_server(error: HTTPException) -> Response:
    answer = jsonify(title=error.name)
    answer.status_code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return answer


class _Store:
    """The parts, and what one can do with them."""

    def __init__(self, fault: Fault | None) -> None:
        self._fault = fault
        self._last = 0
        self.parts: dict[int, dict[str, Json]] = {}

    def create(self) -> Response:
        sent = self._sent()
        self._last += 1
        part = self.parts[self._last] = {"id": self._last, **sent}
        answer = jsonify(part)
        answer.status_code = 202 if self._fault is Fault.STATUS else 201
        number = self._last + (1000 if self._fault is Fault.LOCATION else 0)
        answer.headers["Location"] = f"/parts/{number}"
        return answer

    def read(self, number: int) -> Response:
        part = self.parts[number] if self._fault is Fault.CRASH else self._found(number)
        told = {**part, "count": str(part["count"])} if self._fault is Fault.TYPE else part
        return jsonify(told)

    def replace(self, number: int) -> Response:
        old, sent = self._found(number), self._sent()
        new = {"id": number, **sent}
        if self._fault is Fault.MERGE:
            new = {**old, **sent}
        elif self._fault is Fault.REPEATED and old == new:
            new["count"] = min(old["count"] + 1, _MAX_COUNT)
        self.parts[number] = new
        return jsonify(new)

    def delete(self, number: int) -> tuple[str, int]:
        self._found(number)
        if self._fault is not Fault.DELETE:
            del self.parts[number]
        return "", HTTPStatus.NO_CONTENT

    def _found(self, number: int) -> dict[str, Json]:
        if number not in self.parts:
            raise _RefusedError(HTTPStatus.NOT_FOUND)
        return self.parts[number]

    def _sent(self) -> Mapping[str, Json]:
        sent = request.get_json(silent=True)
        if not isinstance(sent, dict):
            raise _RefusedError(HTTPStatus.BAD_REQUEST)
        needed = {"name", "count"} if self._fault is Fault.REQUIRED else {"name", "kind", "count"}
        if not needed <= sent.keys() <= {"name", "kind", "count", "note"}:
            raise _RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY)
        if not all(self._fits(name, value) for name, value in sent.items()):
            raise _RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY)
        return sent

    def _fits(self, name: str, value: Json) -> bool:
        if name == "count":
            most = float("inf") if self._fault is Fault.MAXIMUM else _MAX_COUNT
            # 1.0 is an integer too (JSON Schema 2020-12, section 6.1.1).
            is_whole = isinstance(value, (int, float)) and float(value).is_integer()
            return is_whole and not isinstance(value, bool) and 0 <= value <= most
        if not isinstance(value, str):
            return False
        if name == "kind":
            return value in _KINDS or self._fault is Fault.ENUM
        return len(value) <= 200 if name == "note" else 1 <= len(value) <= _NAME_LENGTH  # noqa: PLR2004 - as documented
