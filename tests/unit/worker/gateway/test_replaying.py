"""A replaying gateway answers from tapes, as HTTP has it, and asks nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.domain.redaction import Redactor
from app.domain.results import Exchange, Message
from tests.factories.exchanges import ORIGIN, exchange
from worker.gateway.recording import Recorder
from worker.gateway.replaying import Reel, Replayed
from worker.gateway.upstream import UpstreamError
from worker.gateway.wire import Answer, Request
from worker.strength.tape import Tape


def recorder() -> Recorder:
    redactor = Redactor.of({"Authorization": "Bearer s3cret-s3cret"})
    return Recorder(ORIGIN, redactor, 1000, lambda: 0.0)


def answer(reel: Reel, method: str = "GET", path: str = "/books", body: bytes = b"") -> Answer:
    request = Request(method, path, (("Host", "api.test"),), body)
    with_reel = Replayed(reel, recorder())
    try:
        return asyncio.run(with_reel.send(request)).answer
    finally:
        with_reel.close()


def reel(*exchanges: Exchange) -> Reel:
    return Reel([Tape(exchanges)])


def test_the_recorded_answer_is_given_with_the_length_it_has_now() -> None:
    """It was recorded without its content coding."""
    packed = [("Content-Encoding", "gzip"), ("Content-Length", "7"), ("ETag", "x")]
    found = answer(reel(exchange("GET", "/books", 200, ["é"], headers=packed)))

    assert found == Answer(
        200,
        b"",
        (("Content-Type", "application/json"), ("ETag", "x"), ("Content-Length", "10")),
        b'["\\u00e9"]',
    )


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_has_no_body_has_no_length(status: int) -> None:
    assert answer(reel(exchange("GET", "/books", status))) == Answer(status, b"", (), b"")


def test_head_is_told_the_length_that_get_would_have() -> None:
    length = [("Content-Length", "7")]
    found = answer(reel(exchange("HEAD", "/books", 200, headers=length)), "HEAD")

    assert found == Answer(200, b"", (("Content-Length", "7"),), b"")


def test_what_was_never_recorded_gets_no_answer() -> None:
    with pytest.raises(UpstreamError, match=r"GET .*/members was never recorded"):
        answer(reel(exchange("GET", "/books", 200)), path="/members")


def test_what_got_no_answer_gets_none_again() -> None:
    silent = replace(exchange("GET", "/books", 200), status=None, response=None, error="cut off")

    with pytest.raises(UpstreamError, match="cut off"):
        answer(reel(silent))


def test_a_secret_is_compared_as_it_is_recorded() -> None:
    recorded = exchange("POST", "/books", 201)
    masked = Message(recorded.request.headers, "key=[redacted]")

    found = answer(reel(replace(recorded, request=masked)), "POST", body=b"key=s3cret-s3cret")

    assert found.status == 201


def test_each_check_has_its_own_tape() -> None:
    """The next one's turn comes when the record of the one before is taken."""
    tapes = Reel(Tape([exchange("GET", "/books", status)]) for status in (201, 202))
    first = answer(tapes)
    taken = tapes.turning(recorder().take)()

    assert (first.status, taken.exchanges, answer(tapes).status) == (201, (), 202)
    tapes.turning(recorder().take)()
    with pytest.raises(UpstreamError):
        answer(tapes)
