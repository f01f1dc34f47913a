"""A contract of one operation that documents enough to break every rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from testops import Api, Response
from testops.contract import Contract
from testops.environment import Environment
from testops.json_values import Json
from tests.fakes.target import Answer, Target

DOCUMENT: dict[str, Json] = {
    "contract": 1,
    "title": "Pets",
    "operations": {
        "GET /pets": {
            "pointer": "#/paths/~1pets/get",
            "responses": {
                "200": {
                    "pointer": "#/paths/~1pets/get/responses/200",
                    "content": {
                        "application/json": {"type": "array", "items": {"type": "integer"}},
                        "text/csv": True,
                        "image/*": True,
                    },
                    "headers": {
                        "X-Total": {"required": True, "schema": {"type": "integer"}},
                        "X-Tags": {
                            "required": False,
                            "schema": {"type": "array", "items": {"type": "integer"}},
                        },
                    },
                },
                "204": {"content": {"application/json": True}, "headers": {}},
                "404": {"content": {"application/problem+json": True}, "headers": {}},
                "503": {"content": {}, "headers": {}},
            },
        },
        "HEAD /pets": {
            "pointer": "#/paths/~1pets/head",
            "responses": {"200": {"content": {"application/json": False}, "headers": {}}},
        },
        "GET /user": {
            "pointer": "#/paths/~1user/get",
            "responses": {
                "200": {
                    "content": {"application/json": {"properties": {"name": {"type": "string"}}}},
                    "headers": {},
                },
                "201": {"content": {"application/json": True}, "headers": {}},
                "422": {
                    "content": {"application/json": {"properties": {"detail": {"type": "string"}}}},
                    "headers": {},
                },
            },
        },
        "GET /plain": {"pointer": "#/paths/~1plain/get", "responses": {}},
        "GET /rows": {
            "pointer": "#/paths/~1rows/get",
            "reserved": ["at"],
            "responses": {
                "200": {
                    "content": {
                        "application/jsonl": True,
                        "application/json-seq": True,
                        "text/event-stream": True,
                        "application/x-ndjson": True,
                    },
                    "items": {
                        "application/jsonl": {"type": "integer"},
                        "application/json-seq": {"type": "integer"},
                        "text/event-stream": False,
                    },
                    "headers": {},
                },
            },
        },
        "POST /pets": {
            "pointer": "#/paths/~1pets/post",
            "responses": {"default": {"content": {}, "headers": {}}},
        },
    },
    "schemas": {},
}


@pytest.fixture
def target() -> Iterator[Target]:
    """A tested API that answers 404 until told otherwise."""
    with Target() as running:
        yield running


@pytest.fixture
def api(target: Target) -> Iterator[Api]:
    """A client of the target."""
    client = Api(Environment(target.url), Contract(DOCUMENT), "GET /plain")
    yield client
    client.close()


@pytest.fixture
def answered(api: Api, target: Target) -> Callable[..., Response]:
    """What the client makes of an answer to GET /pets, or to another operation."""

    def answer(
        status: int = 200, body: bytes = b"", operation: str = "GET /pets", **headers: str
    ) -> Response:
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        target.answers[operation] = Answer(status, body, sent)
        method, _, path = operation.partition(" ")
        return api.request(method, path)

    return answer
