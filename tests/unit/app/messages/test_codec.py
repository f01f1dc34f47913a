import json

import pytest

from app.domain.outcomes import Outcome
from app.domain.results import CheckFinished, Exchange, Message
from app.errors import InvalidInputError
from app.messages.codec import decode_as, encode, schema

FINISHED = CheckFinished(
    case_id="c1",
    check="test_x[a]",
    outcome=Outcome.FAILED,
    message="expected 200, got 500",
    exchanges=(
        Exchange(
            method="GET",
            url="http://api.test/pets/1",
            request=Message(headers=(("Accept", "*/*"),), body=""),
            status=500,
            response=Message(headers=(), body="\u2028 oops", truncated=True),
            duration_seconds=0.25,
        ),
    ),
)


def test_a_value_survives_the_way_to_json_and_back() -> None:
    assert decode_as(CheckFinished, encode(FINISHED), where="body") == FINISHED


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (b'{"case_id": "c1"}', "body#/check"),
        (b'{"case_id": 3, "check": "x", "outcome": "passed"}', "body#/case_id"),
        (b'{"case_id": "c", "check": "x", "outcome": "fine"}', "body#/outcome"),
        (b"{", "body#/"),
        (b"\xff", "body#/"),
    ],
)
def test_another_shape_is_refused_with_its_place(text: bytes, where: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        decode_as(CheckFinished, text, where="body")
    assert caught.value.where == where
    assert caught.value.detail


def test_an_exchange_of_an_older_runner_is_still_read() -> None:
    """It knows neither timings nor TLS."""
    text = b"""{"case_id": "c", "check": "x", "outcome": "passed", "exchanges": [{"method": "GET",
        "url": "http://a/", "request": {"headers": [], "body": "", "truncated": false},
        "status": null, "response": null, "duration_seconds": 1.0, "error": "no"}],
        "kind": "check_finished"}"""
    (exchange,) = decode_as(CheckFinished, text, where="body").exchanges
    assert exchange == Exchange("GET", "http://a/", Message((), ""), None, None, 1.0, "no")


def test_the_schema_tells_what_is_read() -> None:
    told = json.loads(schema(CheckFinished))
    assert told["required"] == ["case_id", "check", "outcome"]
    assert told["properties"]["case_id"] == {"type": "string"}
    assert told["description"] == "A check has ended."
