"""With every fault off, every answer is the documented one, whatever is asked."""

from typing import Any, TypeAlias

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from demo import description
from demo.wire import MAX_BODY_BYTES
from tests.unit.demo import promises

#: What the test client takes beside path and method.
Sent: TypeAlias = Any

MEMBER = "6f1b4c1e-8f0a-4a52-9a0c-2d3e4f5a6b71"
KEY = "0b8d2b9e-5f0e-4c57-8a41-6f3d7f6f2c11"
BOOK = {"title": "A", "author": "B", "year": 2000, "genre": "novel"}
KEYED = {"Idempotency-Key": KEY}


def ask(api: FlaskClient, operation_id: str, path: str, **sent: Sent) -> TestResponse:
    """Send a request and hold the answer against the description."""
    response = api.open(path, method=promises.ROUTES[operation_id].method, **sent)
    assert promises.broken(response, operation_id) == ""
    return response


def by_examples(operation_id: str) -> tuple[str, dict[str, Any]]:
    """Path and request as the description's examples have them, with the librarian's key."""
    operation = promises.operation(promises.ROUTES[operation_id])
    path = promises.ROUTES[operation_id].path
    query: dict[str, object] = {}
    headers: dict[str, object] = {"X-Api-Key": "librarian"}
    for parameter in map(promises.resolved, operation.get("parameters", ())):
        path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
        place = {"query": query, "header": headers, "path": {}}[parameter["in"]]
        place[parameter["name"]] = parameter["example"]
    body = operation.get("requestBody", {"content": {"application/json": {"example": None}}})
    example = body["content"]["application/json"]["example"]
    return path, {"query_string": query, "headers": headers, "json": example}


def test_the_examples_succeed_in_any_order_and_again(api: FlaskClient) -> None:
    order = [*promises.ROUTES, *reversed(promises.ROUTES), *promises.ROUTES]
    for operation_id in order:
        path, sent = by_examples(operation_id)
        assert ask(api, operation_id, path, **sent).status_code < 300


MISSING = [
    ("searchBooks", "/search", {}, 422),
    ("createLoan", "/loans", {"json": {"book_id": 1, "member_id": MEMBER}}, 422),
    ("createLoan", "/loans", {"json": {"member_id": MEMBER}, "headers": KEYED}, 422),
    ("createLoan", "/loans", {"json": {"book_id": 1}, "headers": KEYED}, 422),
    ("createLoan", "/loans", {"headers": KEYED}, 400),
    ("createMember", "/members", {"json": {"name": "A"}}, 422),
    ("createMember", "/members", {"json": {"email": "a@example.org"}}, 422),
    ("createMember", "/members", {}, 400),
    *[
        (operation_id, path, {"json": {k: v for k, v in BOOK.items() if k != name}}, 422)
        for name in BOOK
        for operation_id, path in (("createBook", "/books"), ("replaceBook", "/books/1"))
    ],
    ("createBook", "/books", {}, 400),
    ("replaceBook", "/books/1", {}, 400),
    ("changeBook", "/books/1", {}, 400),
    ("reportOverdue", "/reports/overdue", {}, 401),
]


@pytest.mark.parametrize(("operation_id", "path", "sent", "status"), MISSING)
def test_a_missing_input_is_refused_as_documented(
    api: FlaskClient, operation_id: str, path: str, sent: dict[str, Any], status: int
) -> None:
    assert ask(api, operation_id, path, **sent).status_code == status


INVALID = [
    ("searchBooks", "/search?q=", {}, 422),
    ("searchBooks", f"/search?q={'x' * 61}", {}, 422),
    ("listBooks", "/books?genre=crime", {}, 422),
    ("listLoans", "/loans?status=lost", {}, 422),
    *[
        (operation_id, f"{path}?{query}", {}, 422)
        for operation_id, path in (
            ("listBooks", "/books"), ("listMembers", "/members"), ("listLoans", "/loans")
        )
        for query in ("limit=0", "limit=51", "limit=ten", "limit=", "limit=1.0", "offset=-1",
                      "offset=1000001", "offset=99999999999", "limit=%D9%A3")
    ],
    ("createLoan", "/loans", {"json": {"book_id": 99, "member_id": KEY}, "headers": KEYED}, 422),
    ("createLoan", "/loans", {"json": {}, "headers": {"Idempotency-Key": "1"}}, 422),
    ("createMember", "/members", {"json": {"name": "A", "email": "no address"}}, 422),
    ("createMember", "/members", {"json": {"name": "A", "email": "a@b.org", "id": KEY}}, 422),
    *[
        ("createBook", "/books", {"json": {**BOOK, **wrong}}, 422)
        for wrong in (
            {"title": ""}, {"title": "x" * 121}, {"title": 1}, {"title": None}, {"year": 1449},
            {"year": 2101}, {"year": "2000"}, {"year": True}, {"year": 10**80}, {"genre": "crime"},
            {"isbn": "123"}, {"tags": ["a", "a"]}, {"tags": list("abcdef")}, {"more": 1},
        )
    ],
    ("changeBook", "/books/1", {"json": {}}, 422),
    ("changeBook", "/books/1", {"json": []}, 422),
    *[
        ("createBook", "/books", {"data": data, "content_type": "application/json"}, 400)
        for data in (
            b"{", b"\xff", b'{"year": NaN}', b'{"year": 1e999}', b'{"title": "\\ud800"}',
            b"[" * 60_000, b'{"year": ' + b"9" * 5000 + b"}",
        )
    ],
    ("createBook", "/books", {"data": "x", "content_type": "text/plain"}, 415),
    ("createBook", "/books", {"data": b"x" * (MAX_BODY_BYTES + 1)}, 413),
    ("reportOverdue", "/reports/overdue", {"headers": {"X-Api-Key": "reader"}}, 401),
    ("reportOverdue", "/reports/overdue", {"headers": {"X-Api-Key": "\xe9"}}, 401),
]  # fmt: skip


@pytest.mark.parametrize(("operation_id", "path", "sent", "status"), INVALID)
def test_an_invalid_input_is_refused_as_documented(
    api: FlaskClient, operation_id: str, path: str, sent: dict[str, Any], status: int
) -> None:
    assert ask(api, operation_id, path, **sent).status_code == status


@pytest.mark.parametrize(
    ("operation_id", "path"),
    [
        (operation_id, path)
        for operation_id, prefix in (
            ("readBook", "/books/"), ("replaceBook", "/books/"), ("changeBook", "/books/"),
            ("withdrawBook", "/books/"), ("readMember", "/members/"), ("readLoan", "/loans/"),
        )
        for path in (f"{prefix}99", f"{prefix}0", f"{prefix}-1", f"{prefix}x", f"{prefix}%00",
                     f"{prefix}{KEY}", f"{prefix}{'9' * 400}")
    ],
)  # fmt: skip
def test_an_unknown_id_is_not_found(api: FlaskClient, operation_id: str, path: str) -> None:
    assert ask(api, operation_id, path, json=BOOK).status_code == 404


def test_bringing_back_an_unknown_loan_is_not_found(api: FlaskClient) -> None:
    assert ask(api, "returnLoan", "/loans/L-9999/return").status_code == 404


def test_a_complaint_names_the_place(api: FlaskClient) -> None:
    answer = ask(api, "createBook", "/books", json={**BOOK, "tags": [1]}).get_json()
    assert [complaint["where"] for complaint in answer["errors"]] == ["/tags/0"]


def test_a_new_book_is_where_its_location_says(api: FlaskClient) -> None:
    made = ask(api, "createBook", "/books", json=BOOK)
    read = ask(api, "readBook", made.headers["Location"])
    assert read.get_json() == made.get_json()
    assert read.get_json() == {
        **BOOK, "id": 7, "isbn": None, "tags": [], "added_on": "2026-05-04",
    }  # fmt: skip


def test_a_new_member_is_where_its_location_says(api: FlaskClient) -> None:
    made = ask(api, "createMember", "/members", json={"name": "A", "email": "a@example.org"})
    read = ask(api, "readMember", made.headers["Location"])
    assert read.get_json() == made.get_json()
    assert read.get_json()["level"] == "reader"
    assert ask(api, "listMembers", "/members?offset=3").get_json()["items"] == [made.get_json()]


def test_the_case_of_a_member_id_does_not_matter(api: FlaskClient) -> None:
    assert ask(api, "readMember", f"/members/{MEMBER.upper()}").status_code == 200


def test_replacing_forgets_and_changing_keeps_what_is_left_out(api: FlaskClient) -> None:
    changed = ask(api, "changeBook", "/books/1", json={"year": 2001}).get_json()
    assert (changed["year"], changed["tags"]) == (2001, ["desert", "travel"])
    replaced = ask(api, "replaceBook", "/books/1", json=BOOK).get_json()
    assert (replaced["year"], replaced["tags"]) == (2000, [])
    assert ask(api, "readBook", "/books/1").get_json() == replaced


def test_a_withdrawn_book_is_gone_but_can_be_withdrawn_again(api: FlaskClient) -> None:
    assert [ask(api, "withdrawBook", "/books/6").status_code for _ in range(2)] == [204, 204]
    assert ask(api, "readBook", "/books/6").status_code == 404
    assert ask(api, "listBooks", "/books").get_json()["total"] == 5
    assert ask(api, "readHealth", "/health").get_json()["books"] == 5


def test_search_finds_words_of_title_and_author_in_any_case(api: FlaskClient) -> None:
    found = ask(api, "searchBooks", "/search?q=WIEL").get_json()
    assert [book["id"] for book in found["items"]] == [2, 6]


def test_pages_follow_each_other_without_gap_or_repetition(api: FlaskClient) -> None:
    pages = [ask(api, "listBooks", f"/books?limit=2&offset={n}").get_json() for n in (0, 2, 4)]
    assert [[book["id"] for book in page["items"]] for page in pages] == [[1, 2], [3, 4], [5, 6]]
    assert {page["total"] for page in pages} == {6}


def test_lists_are_filtered(api: FlaskClient) -> None:
    books = ask(api, "listBooks", "/books?genre=history")
    assert [book["id"] for book in books.get_json()["items"]] == [2, 6]
    assert books.headers["X-Total-Count"] == "2"
    loans = ask(api, "listLoans", "/loans?status=overdue").get_json()
    assert [loan["id"] for loan in loans["items"]] == ["L-0002", "L-0003"]


def test_a_loan_runs_until_it_is_brought_back(api: FlaskClient) -> None:
    wanted = {"book_id": 4, "member_id": MEMBER.upper(), "days": 21}
    lent = ask(api, "createLoan", "/loans", json=wanted, headers=KEYED)
    assert lent.get_json()["due_on"] == "2026-05-25"
    assert ask(api, "readLoan", lent.headers["Location"]).get_json()["status"] == "open"
    back = ask(api, "returnLoan", f"{lent.headers['Location']}/return").get_json()
    assert (back["status"], back["returned_on"]) == ("returned", "2026-05-04")


def test_a_repeated_key_makes_no_second_loan(api: FlaskClient) -> None:
    wanted = {"book_id": 4, "member_id": MEMBER}
    answers = [ask(api, "createLoan", "/loans", json=wanted, headers=KEYED) for _ in range(2)]
    assert answers[0].get_json() == answers[1].get_json()
    assert ask(api, "listLoans", "/loans").get_json()["total"] == 5


def test_the_report_holds_the_overdue_loans(api: FlaskClient) -> None:
    headers = {"X-Api-Key": "librarian"}
    report = ask(api, "reportOverdue", "/reports/overdue", headers=headers).get_json()
    assert (report["as_of"], len(report["loans"])) == ("2026-05-04", 2)


def test_the_description_is_served(api: FlaskClient) -> None:
    assert api.get("/openapi.json").get_json() == description.document()


def test_what_the_description_does_not_know_is_refused_as_a_problem(api: FlaskClient) -> None:
    assert api.get("/films").get_json()["status"] == 404
    refused = api.delete("/books")
    assert (refused.get_json()["status"], refused.content_type) == (405, "application/problem+json")
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
