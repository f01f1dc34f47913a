import pytest

from app.domain.analytics import fingerprints
from app.domain.analytics.facts import Asked

FAILURE = """\
GET http://api.test/pets/42 answered 500 Internal Server Error: expected no server error.
Documented at #/paths/~1pets~1{petId}/get
Body: {"id": "6f9619ff-8b86-d011-b42d-00c04fc964ff"}"""


def test_what_varies_is_taken_out() -> None:
    other = (
        FAILURE.replace("/pets/42", "/owners/7?q=x")
        .replace("~1pets", "~1owners")
        .replace("6f9", "aaa")
    )
    assert fingerprints.of(FAILURE, None) == fingerprints.of(other, None)
    assert fingerprints.title(FAILURE) == (
        "answered 500 Internal Server Error: expected no server error."
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("id 6f9619ff-8b86-d011-b42d-00c04fc964ff", "id aaaaaaaa-8b86-d011-b42d-00c04fc964ff"),
        ("at 2026-01-02T03:04:05.678Z", "at 2025-12-31 23:59:59+02:00"),
        ("assert 3 == 4.5", "assert 17 == -2e10"),
        ("object at 0x7f00", "object at 0xdead"),
        ("token 0123456789abcdef", "token fedcba98765432100"),
        ('got "a text of more than twenty-five"', 'got "and another one of these that is long"'),
        ("got 'a text of more than twenty-five'", "got 'and another one of these that is long'"),
        ("two  spaces", "two \t spaces"),
        ("first\n\n  second", "first\nsecond\nBody: x\nLocation: y"),
        ("a documented status: 201, 400.", "a documented status: 200, 404, 422."),
        ("at /items/3/name: wrong", "at /items/12/name: wrong"),
    ],
)
def test_failures_that_differ_by_what_varies_are_one(one: str, other: str) -> None:
    assert fingerprints.of(one, None) == fingerprints.of(other, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GET http://a/ answered 404 Not Found: x", "GET http://a/ answered 500 Error: x"),
        ("at /items/3/name: wrong", "at /items/3/age: wrong"),
        ("NameError: name 'x' is not defined", "NameError: name 'y' is not defined"),
    ],
)
def test_failures_that_differ_otherwise_are_two(one: str, other: str) -> None:
    assert fingerprints.of(one, None) != fingerprints.of(other, None)


def test_what_came_of_the_exchange_tells_failures_apart() -> None:
    found = {
        fingerprints.of("assert ok", asked)
        for asked in (
            None,
            Asked("GET", "http://a/1", 500),
            Asked("GET", "http://a/1", 404),
            Asked("GET", "http://a/1", None, "a:80 cannot be reached"),
        )
    }
    assert len(found) == 4
    assert fingerprints.of("m", Asked("GET", "http://a/1", 500)) == fingerprints.of(
        "m", Asked("POST", "http://b/2", 500)
    )


def test_a_title_keeps_statuses_and_says_more_than_the_first_line() -> None:
    assert fingerprints.title("GET http://a/1 answered 200 OK: expected 401 Unauthorized.") == (
        "answered 200 OK: expected 401 Unauthorized."
    )
    message = "GET http://a/1 answered 200 OK: expected status: 201, 400.\nat /year: wrong\nmore"
    assert fingerprints.title(message) == (
        "answered 200 OK: expected status: 201, 400. at /year: wrong"
    )


def test_a_failure_that_says_nothing_has_a_title() -> None:
    assert fingerprints.title("") == "No message"
