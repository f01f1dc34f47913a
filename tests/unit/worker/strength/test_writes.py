"""Stale reads and ignored writes are made of what the API had answered before."""

from __future__ import annotations

from dataclasses import replace

from app.domain.results import Exchange
from app.domain.strength import Kind
from tests.factories.exchanges import ORIGIN, body_of, exchange
from worker.strength import writes
from worker.strength.mutations import Mutation

OLD, NEW = {"id": 1, "title": "Old", "year": 1}, {"id": 1, "title": "New", "year": 1}
CREATE = exchange("POST", "/books", 201, OLD, headers=[("Location", "/books/1")])
READ = exchange("GET", "/books/1", 200, OLD)
PATCH = exchange("PATCH", "/books/1", 200, NEW, sent={"title": "New"})
READ_NEW = exchange("GET", "/books/1", 200, NEW)
DELETE = exchange("DELETE", "/books/1", 204)
MISSING = exchange("GET", "/books/1", 404)
OTHER = {"id": 2, "title": "Other", "year": 2}


def made(*recording: Exchange) -> list[Mutation]:
    return list(writes.of_recording(recording))


def kinds(*recording: Exchange) -> list[tuple[Kind, int, str]]:
    return [(m.change.kind, m.change.exchange, m.change.place) for m in made(*recording)]


def test_a_read_is_stale_when_it_is_answered_as_before_the_write() -> None:
    (unwritten, stale) = made(READ, PATCH, READ_NEW)

    assert (unwritten.change.kind, unwritten.change.exchange) == (Kind.IGNORED_WRITE, 1)
    assert body_of(unwritten.answered) == OLD
    assert (stale.change.kind, stale.change.exchange, stale.change.place) == (
        Kind.STALE_READ,
        2,
        "",
    )
    assert stale.answered == replace(READ_NEW, response=READ.response)
    assert stale.change.told == f"as before PATCH {ORIGIN}/books/1"


def test_without_a_read_before_the_write_is_ignored_as_far_as_it_is_known() -> None:
    """The answer to the creation says what was there before."""
    changes = made(CREATE, PATCH, READ_NEW)

    assert [m.change.kind for m in changes] == [Kind.IGNORED_WRITE, Kind.IGNORED_WRITE]
    assert [body_of(m.answered) for m in changes] == [OLD, OLD]


def test_nothing_is_made_up_of_what_was_never_answered() -> None:
    assert kinds(PATCH, READ_NEW) == []
    assert kinds(exchange("GET", "/books/1", 200, [1]), PATCH) == []
    # What was sent cannot be read, or changes nothing.
    assert kinds(CREATE, replace(PATCH, request=replace(PATCH.request, body="{"))) == []
    assert kinds(CREATE, exchange("PATCH", "/books/1", 200, OLD, sent={"title": "Old"})) == []


def test_a_read_before_any_write_or_after_one_that_failed_is_never_stale() -> None:
    refused = exchange("PATCH", "/books/1", 422, {"title": "No"}, sent={"title": ""})

    assert kinds(READ, READ_NEW) == []
    assert kinds(READ, refused, READ_NEW) == []


def test_a_read_that_shows_no_change_cannot_be_stale() -> None:
    assert kinds(READ, exchange("POST", "/books/1/open", 200, {}), READ) == []


def test_a_read_that_got_no_answer_before_says_nothing() -> None:
    silent = replace(READ, status=None, response=None)

    assert kinds(silent, exchange("POST", "/books/1/open", 200), READ) == []
    assert kinds(PATCH, silent) == []


def test_what_was_deleted_is_still_there_for_a_stale_read() -> None:
    (stale,) = made(CREATE, DELETE, MISSING)

    assert (stale.change.kind, stale.answered.status) == (Kind.STALE_READ, 200)
    assert body_of(stale.answered) == OLD


def test_what_was_deleted_is_still_on_a_stale_list() -> None:
    (stale,) = made(CREATE, DELETE, exchange("GET", "/books?limit=5", 200, [OTHER]))

    assert body_of(stale.answered) == [OTHER, OLD]


def test_other_reads_after_a_deletion_stay_as_they_are() -> None:
    assert kinds(DELETE, MISSING) == []
    assert kinds(CREATE, DELETE, exchange("GET", "/members", 200, [OTHER])) == []
    assert kinds(CREATE, DELETE, exchange("GET", "/health", 200, {"status": "ok"})) == []


def test_nothing_was_created_where_a_creation_is_ignored() -> None:
    """By its Location, or by its id below the collection."""
    read = exchange("GET", "/books/1", 200, OLD)
    by_id = exchange("POST", "/books", 201, OLD)

    for create in (CREATE, by_id):
        (ignored,) = made(create, read)
        assert (ignored.change.kind, ignored.change.place) == (Kind.IGNORED_WRITE, "/status")
        assert (ignored.answered.status, ignored.answered.response is not None) == (404, True)


def test_a_key_in_the_query_goes_with_every_request() -> None:
    create = exchange("POST", "/books?key=[redacted]", 201, OLD)
    read = exchange("GET", "/books/1?key=[redacted]", 200, OLD)

    assert kinds(create, read) == [(Kind.IGNORED_WRITE, 1, "/status")]


def test_what_was_created_is_not_on_the_list_where_a_creation_is_ignored() -> None:
    (bare,) = made(CREATE, exchange("GET", "/books", 200, [OTHER, OLD]))
    (page,) = made(CREATE, exchange("GET", "/books", 200, {"items": [OLD], "total": 1}))

    assert (body_of(bare.answered), bare.change.place) == ([OTHER], "/body")
    assert body_of(page.answered) == {"items": [], "total": 1}
    assert page.change.place == "/body/items"


def test_a_list_without_what_was_created_stays_as_it_is() -> None:
    assert kinds(CREATE, exchange("GET", "/books", 200, [OTHER, "x"])) == []
    assert kinds(exchange("POST", "/books", 201), exchange("GET", "/books", 200, [OLD])) == []
    assert kinds(CREATE, exchange("GET", "/members", 200, [OLD])) == []
    # A creation that cannot be read back is no ignored one, nor is one by another method.
    assert kinds(CREATE, MISSING) == []


def test_a_list_is_stale_and_not_ignored_besides() -> None:
    before, after = (exchange("GET", "/books", 200, items) for items in ([OTHER], [OTHER, OLD]))

    assert kinds(before, CREATE, after) == [(Kind.STALE_READ, 2, "")]
