"""Mutations change one answer, and of it one thing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.results import Exchange, Message
from app.domain.strength import Kind
from tests.factories.exchanges import body_of, exchange
from worker.strength import mutations

BOOK = exchange("GET", "/books/1", 200, {"id": 1}, headers=[("ETag", "a"), ("Date", "now")])
PLACES = st.sampled_from(
    [
        BOOK,
        exchange("POST", "/books", 201, {"id": 1, "tags": ["x"]}, headers=[("Location", "/b")]),
        exchange("DELETE", "/books/1", 204),
        exchange("GET", "/books/2", 404, {"title": "None"}, media_type="application/problem+json"),
    ]
)


def made(answered: Exchange) -> list[tuple[str, str]]:
    return [
        (each.change.kind.value, each.change.place) for each in mutations.of_answer(0, answered)
    ]


@given(st.lists(PLACES, min_size=1, max_size=4), st.data())
def test_a_mutation_changes_one_thing_of_one_answer(
    recording: list[Exchange], data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(recording) - 1))
    old = recording[number]
    for each in mutations.of_answer(number, old):
        changed = mutations.mutated(recording, each)
        new = changed[number]
        assert [*changed[:number], old, *changed[number + 1 :]] == recording
        assert (new.method, new.url, new.request) == (old.method, old.url, old.request)
        assert old.response is not None
        assert new.response is not None
        differs = [
            name
            for name, one, other in [
                ("status", old.status, new.status),
                ("headers", old.response.headers, new.response.headers),
                ("body", old.response.body, new.response.body),
            ]
            if one != other
        ]
        assert differs == [each.change.place.split("/")[1]]
        assert each.change.exchange == number
        assert each.change.request == f"{old.method} {old.url}"


def test_status_headers_and_body_are_mutated() -> None:
    assert made(BOOK) == [
        ("status changed", "/status"),
        ("status changed", "/status"),
        ("missing header", "/headers/content-type"),
        ("missing header", "/headers/etag"),
        ("nulled", "/body"),
        ("retyped", "/body"),
        ("emptied", "/body"),
        ("property dropped", "/body/id"),
        ("nulled", "/body/id"),
        ("retyped", "/body/id"),
    ]


@pytest.mark.parametrize(
    ("status", "others"),
    [(200, [500, 202]), (204, [500, 200]), (404, [500, 200]), (500, [200])],
)
def test_a_status_becomes_a_server_error_or_another_success(status: int, others: list[int]) -> None:
    found = mutations.of_answer(0, exchange("GET", "/", status))

    assert [each.answered.status for each in found if each.change.kind is Kind.STATUS] == others


def test_a_header_that_comes_twice_goes_as_a_whole() -> None:
    twice = exchange("GET", "/", 204, headers=[("Link", "a"), ("link", "b"), ("X-Kept", "c")])

    (gone,) = [
        each.answered.response
        for each in mutations.of_answer(0, twice)
        if each.change.place == "/headers/link"
    ]

    assert gone == Message((("X-Kept", "c"),), "")


def test_no_answer_cannot_be_wrong() -> None:
    assert made(replace(BOOK, status=None, response=None)) == []


@pytest.mark.parametrize(
    "answer",
    [
        Message((("Content-Type", "text/csv"),), "a,b"),
        Message((), '{"id": 1}'),
        Message((("Content-Type", "application/json"),), ""),
        Message((("Content-Type", "application/json"),), '{"id": '),
        Message((("Content-Type", "application/json"),), "NaN"),
        Message((("Content-Type", "application/json"),), "[" * 100_000),
        Message((("Content-Type", "application/json"),), '{"id": 1}', truncated=True),
    ],
    ids=["other type", "no type", "empty", "broken", "no JSON", "too deep", "cut off"],
)
def test_a_body_that_is_no_json_is_left_alone(answer: Message) -> None:
    places = [place for _, place in made(replace(BOOK, response=answer))]

    assert not [place for place in places if place.startswith("/body")]


def test_of_a_large_body_less_is_changed() -> None:
    """Each change is a whole body more."""
    large = exchange("GET", "/", 200, {f"name{number}": number for number in range(1000)})
    assert large.response is not None
    changed = mutations.of_answer(0, large, 10 * len(large.response.body))

    bodies = [each for each in changed if each.change.place.startswith("/body")]
    assert len(bodies) == 10
    assert len(list(mutations.of_answer(0, large))) > 1000


def test_a_body_is_put_where_there_was_none() -> None:
    silent = replace(BOOK, response=None)

    assert body_of(mutations.with_body(silent, [1])) == [1]


def test_only_answers_from_200_to_299_are_successes() -> None:
    answers = [199, 200, 299, 300, 404]
    assert [s for s in answers if mutations.is_success(exchange("GET", "/", s))] == [200, 299]
    assert not mutations.is_success(replace(BOOK, status=None))


def test_json_is_told_by_its_media_type() -> None:
    told = mutations.media_type(Message((("content-TYPE", "Application/JSON; charset=x"),), ""))

    assert told == "application/json"
    assert [mutations.is_json(each) for each in (told, "a/b+json", "text/plain")] == [1, 1, 0]
