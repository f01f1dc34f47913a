"""What a case has left behind, by what it asked and was answered."""

from __future__ import annotations

import gzip
import json

import pytest

from worker.gateway import creations
from worker.gateway.creations import Creations
from worker.gateway.rules import Headers
from worker.gateway.wire import Answer, Request

CONTRACT = json.dumps(
    {
        "operations": {
            "POST /books": {},
            "DELETE /books/{bookId}": {"responses": {}},
            "PUT /books/{id}": {"responses": {"201": {}, "204": {}}},
            "DELETE /a/{b}/c/{id}": {},
            "DELETE /shelves/{code}": {},
            "PUT /shelves/{code}": {"responses": {"201": {}, "404": {}}},
            "DELETE /tags/{id}": {},
            "POST /tags": {"responses": {"200": {}, "201": {}}},
            "DELETE /notes": {},
            "GET /notes/{id}": {},
        }
    }
)


def request(method: str, path: str, *headers: tuple[str, str]) -> Request:
    return Request(method, path, headers, b"{}")


def answer(status: int = 201, body: object = None, *headers: tuple[str, str]) -> Answer:
    return Answer(status, b"", headers, b"" if body is None else json.dumps(body).encode())


def left(
    asked: Request, answered: Answer, *, base_url: str = "http://a.test", contract: str = CONTRACT
) -> list[str]:
    """The paths that are to be deleted after one exchange."""
    seen = Creations(contract, base_url)
    seen.note(asked, answered)
    return [deletion.path for deletion in seen.deletions()]


@pytest.mark.parametrize(
    ("path", "body", "found"),
    [
        ("/books", {"id": 7}, ["/books/7"]),
        ("/books/", {"id": 7}, ["/books/7"]),
        ("/books", {"id": "x", "book_id": "a/b c"}, ["/books/a%2Fb%20c"]),
        ("/books", {"uuid": "u-1", "id": None}, ["/books/u-1"]),
        ("/books", {"otherId": 7}, []),
        ("/books", {"id": True}, []),
        ("/books", {"id": ""}, []),
        ("/books", {"id": ".."}, []),
        ("/books", {"id": "x" * 300}, []),
        ("/books", {"id": 7, "text": "x" * 70_000}, []),
        ("/books", [7], []),
        ("/books", None, []),
        ("/books/7", {"id": 7}, []),
        ("/a/1/c", {"id": 7}, ["/a/1/c/7"]),
        ("/a/1/d", {"id": 7}, []),
        ("/shelves", {"code": "A", "id": 7}, ["/shelves/A"]),
        ("/shelves", {"id": 7}, []),
        ("/notes", {"id": 7}, []),
    ],
)
def test_a_post_creates_what_the_body_names_where_its_deletion_is_documented(
    path: str, body: object, found: list[str]
) -> None:
    """A body's `id` is only taken where the description asks for an id."""
    assert left(request("POST", path), answer(201, body)) == found


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("/books/7", ["/books/7"]),
        ("http://a.test/books/7?x#y", ["/books/7"]),
        ("http://A.test:80/books/a%20b", ["/books/a%20b"]),
        ("books/7", ["/books/7"]),
        ("http://other.test/books/7", []),
        ("/a/1", []),
        ("/books", []),
        ("/books/%2E%2E", []),
        ("7", []),
        ("http://[", []),
    ],
)
def test_a_post_creates_what_location_names_in_the_collection(
    location: str, found: list[str]
) -> None:
    """Never what contains the collection, or lies elsewhere: that was there before."""
    assert left(request("POST", "/books"), answer(201, None, ("location", location))) == found


def test_location_comes_before_the_body_and_a_packed_body_is_unpacked() -> None:
    body, coding = gzip.compress(b'{"id": 8}'), ("Content-Encoding", "gzip")
    both = Answer(201, b"", (coding, ("Location", "/books/7")), body)
    assert left(request("POST", "/books"), both) == ["/books/7"]
    assert left(request("POST", "/books"), Answer(201, b"", (coding,), body)) == ["/books/8"]
    nested = Answer(201, b"", (), b"[" * 60_000)
    assert left(request("POST", "/books"), nested) == []


@pytest.mark.parametrize(
    ("method", "path", "status", "found"),
    [
        ("PUT", "/books/7", 201, ["/books/7"]),
        ("PUT", "/books/7", 200, []),
        ("PUT", "/books", 201, []),
        ("PUT", "/shelves/A", 201, []),
        ("POST", "/books", 200, ["/books/7"]),
        ("POST", "/books", 202, []),
        ("POST", "/tags", 201, ["/tags/7"]),
        ("POST", "/tags", 200, []),
        ("PATCH", "/books/7", 201, []),
        ("GET", "/books", 201, []),
    ],
)
def test_only_what_was_not_there_before_counts(
    method: str, path: str, status: int, found: list[str]
) -> None:
    """Where the description has 201 tell creating from finding or replacing, only 201 does."""
    assert left(request(method, path), answer(status, {"id": 7})) == found


@pytest.mark.parametrize(("status", "found"), [(200, []), (201, ["/books/7"])])
def test_what_the_request_itself_names_was_created_only_if_the_answer_says_so(
    status: int, found: list[str]
) -> None:
    """A POST that names its member may have changed one that was there."""
    asked = Request("POST", "/books", (), b'{"id": 7}')
    assert left(asked, answer(status, {"id": 7})) == found
    other = Request("POST", "/books", (), b'{"id": 8, "year": 7}')
    assert left(other, answer(status, {"id": 7})) == ["/books/7"]


def test_paths_are_those_below_the_base_url() -> None:
    asked, made = request("POST", "/v%201/books"), answer(201, {"id": 7})
    assert left(asked, made, base_url="http://a.test/v%201/") == ["/v%201/books/7"]
    assert left(asked, made) == []
    assert left(request("POST", "/books"), made, contract="{}") == []


def test_it_is_deleted_as_who_created_it() -> None:
    """With its query and credentials; without what spoke of the creating request alone."""
    theirs: Headers = (("Host", "a.test"), ("Authorization", "k"), ("X-Tenant", "t"))
    own = (("Content-Type", "x"), ("If-None-Match", "*"), ("Idempotency-Key", "i"), ("Expect", ""))
    seen = Creations(CONTRACT, "http://a.test")
    seen.note(request("POST", "/books?tenant=3", *theirs, *own), answer(201, {"id": 7}))
    assert seen.deletions() == [Request("DELETE", "/books/7?tenant=3", theirs, b"")]


@pytest.mark.parametrize(
    ("status", "is_left"),
    [(204, False), (200, False), (404, False), (410, False), (302, True), (401, True), (500, True)],
)
def test_what_the_script_deleted_is_not_left(status: int, *, is_left: bool) -> None:
    seen = Creations(CONTRACT, "http://a.test")
    seen.note(request("POST", "/books"), answer(201, {"id": "a b"}))
    seen.note(request("DELETE", "/books/a%20b/?x"), answer(status))
    assert bool(seen.deletions()) == is_left
    seen.note(request("POST", "/books"), answer(201, {"id": "a b"}))
    assert len(seen.deletions()) == 1


def test_the_newest_go_first_and_no_more_than_so_many() -> None:
    seen = Creations(CONTRACT, "http://a.test")
    for number in (*range(creations.MOST + 3), 0):
        seen.note(request("POST", "/books"), answer(201, {"id": number}))
    paths = [deletion.path for deletion in seen.deletions()]
    assert paths == [f"/books/{number}" for number in reversed(range(creations.MOST))]
    assert seen.passed_over == 3


def test_what_may_come_of_a_request() -> None:
    seen = Creations(CONTRACT, "http://a.test")
    assert seen.may_come_of(request("POST", "/books"))
    assert not seen.may_come_of(request("POST", "/notes"))
