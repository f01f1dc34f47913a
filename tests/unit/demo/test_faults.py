"""Every fault breaks just the promise it names, and only while it is on."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from flask.testing import FlaskClient

from demo import description, switches
from tests.unit.demo import promises
from tests.unit.demo.conftest import Faulty

#: What the test client takes beside path and method.
Sent: TypeAlias = Any

MEMBER = "6f1b4c1e-8f0a-4a52-9a0c-2d3e4f5a6b71"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
BOOK = {"title": "A", "author": "B", "year": 2000, "genre": "novel"}
LOAN = {"book_id": 1, "member_id": MEMBER}
KEYED = {"Idempotency-Key": UNKNOWN}


def breaks(operation_id: str, path: str, **sent: Sent) -> Callable[[FlaskClient], str]:
    """A request whose answer tells by itself what is broken."""

    def seen(api: FlaskClient) -> str:
        response = api.open(path, method=promises.ROUTES[operation_id].method, **sent)
        return promises.broken(response, operation_id)

    return seen


def answers(
    status: int, operation_id: str, path: str, **sent: Sent
) -> Callable[[FlaskClient], str]:
    """A request that must be answered with a status; a documented other one is wrong here."""

    def seen(api: FlaskClient) -> str:
        response = api.open(path, method=promises.ROUTES[operation_id].method, **sent)
        return "" if response.status_code == status else f"status {response.status_code}"

    return seen


def replaced_book(api: FlaskClient) -> str:
    shown = api.put("/books/1", json=BOOK).get_json()
    return "" if api.get("/books/1").get_json() == shown else "not stored"


def withdrawn_book(api: FlaskClient) -> str:
    api.delete("/books/1")
    return "" if api.get("/books/1").status_code == 404 else "still there"


def novels(api: FlaskClient) -> str:
    genres = {book["genre"] for book in api.get("/books?genre=novel").get_json()["items"]}
    return "" if genres == {"novel"} else f"genres {genres}"


def second_page(api: FlaskClient) -> str:
    everybody = api.get("/members").get_json()["items"]
    page = api.get("/members?offset=1&limit=1").get_json()["items"]
    return "" if page == everybody[1:2] else "another member"


def health_head(api: FlaskClient) -> str:
    status = api.head("/health").status_code
    return "" if status == 200 else f"status {status}"


def unknown_loan(api: FlaskClient) -> str:
    return "a trace" if "Traceback" in api.get("/loans/L-9999").text else ""


#: What shows each fault: empty where the promise is kept.
SEEN = {
    "book-created-200": breaks("createBook", "/books", json=BOOK),
    "return-accepted-202": breaks("returnLoan", "/loans/L-0002/return"),
    "unknown-book-200": breaks("readBook", "/books/99"),
    "unknown-book-withdrawn": answers(404, "withdrawBook", "/books/99"),
    "book-without-author": breaks("readBook", "/books/1"),
    "year-as-text": breaks("listBooks", "/books"),
    "loan-status-lent": breaks("readLoan", "/loans/L-0001"),
    "due-date-null": breaks("createLoan", "/loans", json=LOAN, headers=KEYED),
    "search-as-html": breaks("searchBooks", "/search?q=sea"),
    "member-without-location": breaks(
        "createMember", "/members", json={"name": "A", "email": "a@example.org"}
    ),
    "members-without-total": breaks("listMembers", "/members"),
    "book-without-title-500": breaks("createBook", "/books", json={"author": "B"}),
    "search-without-word-500": breaks("searchBooks", "/search"),
    "change-without-body-500": breaks("changeBook", "/books/1"),
    "unknown-member-500": breaks("readMember", f"/members/{UNKNOWN}"),
    "member-without-email": answers(422, "createMember", "/members", json={"name": "A"}),
    "loan-without-key": answers(422, "createLoan", "/loans", json=LOAN),
    "long-title-taken": answers(422, "createBook", "/books", json={**BOOK, "title": "x" * 121}),
    "large-limit-taken": answers(422, "listLoans", "/loans?limit=51"),
    "replacement-not-stored": replaced_book,
    "withdrawn-book-stays": withdrawn_book,
    "genre-ignored": novels,
    "offset-one-off": second_page,
    "report-for-everybody": answers(401, "reportOverdue", "/reports/overdue"),
    "book-id-in-words-500": answers(404, "readBook", "/books/first"),
    "search-in-many-scripts-500": answers(200, "searchBooks", "/search?q=ü"),
    "last-limit-500": answers(200, "listMembers", "/members?limit=50"),
    "cut-off-body-500": answers(
        400, "createMember", "/members", data="{", content_type="application/json"
    ),
    "health-head-500": health_head,
    "unlisted-status-taken": answers(422, "listLoans", "/loans?status=lost"),
    "isbn-off-pattern-taken": answers(
        422, "replaceBook", "/books/1", json={**BOOK, "isbn": "none"}
    ),
    "email-off-format-taken": answers(
        422, "createMember", "/members", json={"name": "A", "email": "none"}
    ),
    "year-in-words-taken": answers(422, "createBook", "/books", json={**BOOK, "year": "MM"}),
    "unknown-fact-taken": answers(422, "changeBook", "/books/1", json={"year": 2000, "x": 1}),
    "loan-as-plain-text-taken": answers(
        415,
        "createLoan",
        "/loans",
        data=json.dumps(LOAN),
        content_type="text/plain",
        headers=KEYED,
    ),
    "loan-tells-trace": unknown_loan,
}


def test_every_fault_is_shown_here_and_breaks_a_documented_operation() -> None:
    assert set(SEEN) == {fault.name for fault in switches.FAULTS}
    keys = {route.key for route in description.routes()}
    assert {fault.operation for fault in switches.FAULTS} <= keys


@pytest.mark.parametrize("name", SEEN)
def test_a_fault_shows_when_it_is_on_and_not_when_all_others_are(faulty: Faulty, name: str) -> None:
    assert SEEN[name](faulty(name)) != ""
    assert SEEN[name](faulty("none")) == ""


@pytest.mark.parametrize("name", SEEN)
def test_a_fault_shows_among_all_others_too(faulty: Faulty, name: str) -> None:
    assert SEEN[name](faulty("all")) != ""


@pytest.mark.parametrize(
    ("operation_id", "path", "sent"),
    [
        ("withdrawBook", "/books/1", {}),
        ("searchBooks", "/search?q=sea", {}),
        ("changeBook", "/books/1", {"json": {"year": 2000}}),
        ("readMember", f"/members/{MEMBER}", {}),
        ("createLoan", "/loans", {"json": LOAN, "headers": KEYED}),
        ("readLoan", "/loans/L-0001", {}),
        ("readHealth", "/health", {}),
        ("replaceBook", "/books/1", {"json": BOOK}),
        ("replaceBook", "/books/1", {}),
        ("changeBook", "/books/1", {"json": []}),
        ("listLoans", "/loans?status=open", {}),
        ("listMembers", "/members", {}),
        ("createMember", "/members", {"json": {"name": "A", "email": "a@example.org"}}),
        ("listLoans", "/loans?limit=5", {}),
        ("createBook", "/books", {"json": BOOK}),
        ("createBook", "/books", {"json": []}),
        ("createMember", "/members", {"json": []}),
    ],
)
def test_faults_of_inputs_leave_good_and_absurd_requests_alone(
    faulty: Faulty, operation_id: str, path: str, sent: dict[str, Any]
) -> None:
    key = promises.ROUTES[operation_id].key
    own = [f.name for f in switches.FAULTS if f.operation == key and f.kind != "status"]
    names = [name for name in own if name not in {"due-date-null", "search-as-html",
                                                  "member-without-location", "loan-status-lent",
                                                  "members-without-total"}]  # fmt: skip
    assert breaks(operation_id, path, **sent)(faulty(",".join(names))) == ""
