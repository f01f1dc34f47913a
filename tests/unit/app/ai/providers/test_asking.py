"""The vendors' own libraries over HTTP against a server that speaks their formats."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import NoReturn

import pytest
from pydantic_ai.exceptions import AgentRunError, ModelTimeoutError, UserError

from app.ai.providers import gemini, openai
from app.ai.providers.asking import Bounds, ModelProvider
from app.ai.providers.provider import Answer, ModelError, Provider, Question, Trouble, Usage
from tests.fakes.models import (
    Checks,
    CutOff,
    Endless,
    ModelServer,
    Packed,
    Raw,
    Reply,
    Shaped,
    Slow,
    SlowHeaders,
    Status,
    Text,
)

QUESTION = Question("What you do.", "Ä: what it is about.")
BOUNDS = Bounds(seconds=20.0, output_tokens=100)
QUOTA = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}],
}
GOOD = ("test_x", "It does.", "#/paths", "def test_x(api):\n    pass")

Make = Callable[[str, Bounds], Provider]
MAKERS: dict[str, Make] = {
    "gemini": lambda url, bounds: gemini.provider(
        model="gemini-3.8-flash", key="a-key", base_url=url, bounds=bounds
    ),
    "openai": lambda url, bounds: openai.provider(
        model="gpt-5-mini", key="a-key", base_url=f"{url}/v1", bounds=bounds
    ),
    "compatible, schema": lambda url, bounds: openai.compatible(
        model="m", key="", base_url=f"{url}/v1", by_tool=False, bounds=bounds
    ),
    "compatible, tool": lambda url, bounds: openai.compatible(
        model="m", key="a-key", base_url=f"{url}/v1", by_tool=True, bounds=bounds
    ),
}


#: The others share what reads answers and errors with these.
VENDORS = ("gemini", "openai")


@pytest.fixture(params=[MAKERS[name] for name in VENDORS], ids=VENDORS)
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_a_structured_answer_is_read_with_what_it_took(make: Make) -> None:
    with ModelServer(Checks([GOOD], 1200, 34)) as server:
        answer = make(server.url, BOUNDS).ask(QUESTION)
        [asked] = server.asked
    [check] = answer.checks
    assert (check.name, check.intent, check.pointer, check.code) == GOOD
    assert answer.usage == Usage(1200, 34)
    assert answer.usage.tokens == 1234
    assert QUESTION.instructions in asked.text
    assert QUESTION.material in asked.text


def test_the_answer_is_asked_for_by_schema_or_as_a_tool() -> None:
    with ModelServer(Checks([])) as server:
        for make in MAKERS.values():
            assert make(server.url, BOUNDS).ask(QUESTION) == Answer((), Usage(1000, 200))
        google, vendor, schema, tool = (each.body for each in server.asked)
    assert google["generationConfig"]["maxOutputTokens"] == 100
    assert google["generationConfig"]["responseJsonSchema"]["required"] == ["checks"]
    assert (vendor["max_completion_tokens"], schema["max_tokens"]) == (100, 100)
    assert vendor["response_format"]["type"] == schema["response_format"]["type"] == "json_schema"
    assert tool["tools"][0]["function"]["parameters"]["required"] == ["checks"]


def test_keys_are_sent_where_the_vendors_want_them() -> None:
    with ModelServer(Checks([])) as server:
        for make in MAKERS.values():
            make(server.url, BOUNDS).ask(QUESTION)
        google, vendor, keyless, _ = (each.headers for each in server.asked)
    assert google["x-goog-api-key"] == "a-key"
    assert not any("a-key" in each.path for each in server.asked)
    assert (vendor["authorization"], keyless["authorization"]) == ("Bearer a-key", "Bearer none")


@pytest.mark.parametrize(
    ("reply", "trouble", "wait"),
    [
        (Status(429, {"Retry-After": "7"}), Trouble.BUSY, 7.0),
        (Status(429), Trouble.BUSY, None),
        (Status(500), Trouble.AWAY, None),
        (Status(503, {"Retry-After": "2"}), Trouble.AWAY, 2.0),
        (Status(504), Trouble.SLOW, None),
        (Status(401), Trouble.REFUSED, None),
        (Status(404), Trouble.REFUSED, None),
        (Status(302, {"Location": "http://127.0.0.1:1/"}), Trouble.REFUSED, None),
        (Status(422), Trouble.UNSUITED, None),
        (
            Status(429, code="insufficient_quota", details=(QUOTA,)),
            Trouble.REFUSED,
            None,
        ),
        (CutOff(), Trouble.BROKEN_OFF, None),
        (Raw(b"<html>busy</html>"), Trouble.UNREADABLE, None),
        (Raw(b"{}"), Trouble.UNREADABLE, None),
        (Shaped({"error": {"code": 503, "message": "sk-secret"}}), Trouble.BROKEN_OFF, None),
        (Endless(), Trouble.UNREADABLE, None),
        (Packed(), Trouble.UNREADABLE, None),
        (Text("Here you are: ```python```"), Trouble.UNREADABLE, None),
        (Text('{"checks": [{"name": 1}]}'), Trouble.UNREADABLE, None),
    ],
    ids=lambda each: f"{type(each).__name__}",
)
def test_trouble_is_told_in_our_words(
    make: Make, reply: Reply, trouble: Trouble, wait: float | None
) -> None:
    with ModelServer(reply) as server, pytest.raises(ModelError) as caught:
        make(server.url, BOUNDS).ask(QUESTION)
    assert len(server.asked) == 1, "trying again is not the adapter's"
    assert caught.value.trouble is trouble
    assert caught.value.retry_after_seconds == wait
    assert "sk-secret" not in str(caught.value)


def test_gemini_says_in_the_body_how_long_to_wait() -> None:
    waits = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "14s"}
    with ModelServer(Status(429, details=(waits,))) as server, pytest.raises(ModelError) as caught:
        MAKERS["gemini"](server.url, BOUNDS).ask(QUESTION)
    assert (caught.value.trouble, caught.value.retry_after_seconds) == (Trouble.BUSY, 14.0)


@pytest.mark.parametrize(
    "shape",
    [
        *(
            {"choices": each, "candidates": each}
            for each in (True, "x", [], [None], [[1]], {"a": 1})
        ),
        {"candidates": [{"finishReason": True}], "choices": [{"finish_reason": True}]},
        {"usageMetadata": [], "usage": "x"},
    ],
    ids=str,
)
def test_json_of_another_shape_is_told_in_our_words(make: Make, shape: dict[str, object]) -> None:
    """The vendors' libraries look into it as if it was what it should be."""
    with ModelServer(Shaped(shape)) as server, pytest.raises(ModelError) as caught:
        make(server.url, BOUNDS).ask(QUESTION)
    assert caught.value.trouble is Trouble.UNREADABLE


def test_an_answer_depends_on_where_and_in_which_form_it_was_asked_for() -> None:
    made = [
        make(url, bounds)
        for make in (MAKERS["compatible, schema"], MAKERS["compatible, tool"])
        for url in ("http://one.test", "http://two.test")
        for bounds in (BOUNDS, Bounds(output_tokens=7))
    ]
    assert len({each.form for each in made}) == len(made)


def test_an_answer_is_streamed_and_never_compressed() -> None:
    with ModelServer(Checks([GOOD])) as server:
        for make in MAKERS.values():
            make(server.url, BOUNDS).ask(QUESTION)
    assert [each.wants_stream for each in server.asked] == [True] * len(MAKERS)
    assert {each.headers["accept-encoding"] for each in server.asked} == {"identity"}


def test_what_is_answered_in_no_form_is_paid_for_all_the_same(make: Make) -> None:
    with ModelServer(Text("no", 55, 6)) as server, pytest.raises(ModelError) as caught:
        make(server.url, BOUNDS).ask(QUESTION)
    assert caught.value.usage == Usage(55, 6)


@pytest.mark.parametrize("reply", [Slow(), SlowHeaders()], ids=["body", "headers"])
def test_an_answer_that_trickles_ends_at_the_limit(make: Make, reply: Reply) -> None:
    with ModelServer(reply) as server, pytest.raises(ModelError) as caught:
        make(server.url, Bounds(seconds=0.5)).ask(QUESTION)
    assert caught.value.trouble is Trouble.SLOW
    assert not caught.value.trouble.may_pass


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (ModelTimeoutError("m", "late"), Trouble.SLOW),
        (UserError("no such setting"), Trouble.REFUSED),
        (AgentRunError("whatever"), Trouble.REFUSED),
        (RecursionError(), Trouble.UNREADABLE),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_the_libraries_raise_is_told_in_our_words(error: Exception, trouble: Trouble) -> None:
    def build(_: object) -> NoReturn:
        raise error

    with pytest.raises(ModelError) as caught:
        ModelProvider("one", "m", build, BOUNDS).ask(QUESTION)
    assert caught.value.trouble is trouble


def test_nobody_there_is_away(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ModelError) as caught:
        make(f"http://127.0.0.1:{port}", BOUNDS).ask(QUESTION)
    assert caught.value.trouble is Trouble.AWAY


def test_a_count_that_cannot_be_is_brought_within_bounds(make: Make) -> None:
    with ModelServer(Checks([], input_tokens=10**15, output_tokens=1)) as server:
        assert make(server.url, BOUNDS).ask(QUESTION).usage == Usage(2**31 - 1, 1)
