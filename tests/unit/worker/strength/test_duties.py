"""What a check should notice follows from its own text and from the description."""

from __future__ import annotations

import ast
import json
import textwrap
from collections.abc import Sequence

import pytest

from app.domain.results import Exchange
from app.domain.strength import Duty, Kind
from tests.factories.exchanges import ORIGIN, exchange
from worker import reading
from worker.strength import mutations, writes
from worker.strength.description import SERVER_ERROR, Description
from worker.strength.duties import Duties

BOOK = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "title": {"type": "string"}},
}
ANSWER = {"content": {"application/json": BOOK}, "headers": {}}
CONTRACT = {
    "contract": 1,
    "schemas": {},
    "operations": {
        f"{method} /books/{{id}}": {"pointer": f"#/{method}", "responses": {"200": ANSWER}}
        for method in ("GET", "PATCH")
    },
}
DESCRIPTION = Description.of(json.dumps(CONTRACT), ORIGIN)

READ = exchange("GET", "/books/1", 200, {"id": 1, "title": "Old"})
PATCH = exchange("PATCH", "/books/1", 200, {"id": 1, "title": "New"}, sent={"title": "New"})
READ_NEW = exchange("GET", "/books/1", 200, {"id": 1, "title": "New"})


def told(
    script: str, *recording: Exchange, operation: str = "GET /books/{id}"
) -> dict[str, Duty | None]:
    """For each mutation, "number kind place what", why it should be noticed."""
    prelude = (
        "from testops import *\nfrom testops import created, existing, expect, listed, state\n"
    )
    tree = ast.parse(prelude + textwrap.dedent(script))
    module = reading.module_of(tree)
    check = next(node for node in tree.body if getattr(node, "name", "") == "test_it")
    assert isinstance(check, ast.FunctionDef)
    duties = Duties.of(reading.claims_of(module, check), recording, operation, DESCRIPTION)
    return {
        f"{m.change.exchange} {m.change.kind} {m.change.place} {m.change.told}": duties.duty(m)
        for m in made(recording)
    }


def made(recording: Sequence[Exchange]) -> list[mutations.Mutation]:
    alone = [m for n, each in enumerate(recording) for m in mutations.of_answer(n, each)]
    return [*alone, *writes.of_recording(recording)]


def due(found: dict[str, Duty | None]) -> set[str]:
    return {name for name, duty in found.items() if duty}


def test_what_the_description_allows_is_no_fault() -> None:
    """An optional property may be missing; a required one, or another type, is a fault."""
    found = told(
        """
        def test_it(api):
            response = api.get("/books/{id}", path={"id": 1})
            expect.documented(response)
        """,
        READ,
    )

    assert due(found) == {
        "0 status changed /status 500 for 200",
        "0 status changed /status 202 for 200",
        "0 missing header /headers/content-type content-type is not there",
        '0 nulled /body null for {"id": 1, "title": "Old"}',
        '0 retyped /body [{"id": 1, "title": "Old"}] for {"id": 1, "title": "Old"}',
        '0 emptied /body {} for {"id": 1, "title": "Old"}',
        "0 property dropped /body/id id is not there",
        "0 nulled /body/id null for 1",
        '0 retyped /body/id "1" for 1',
        '0 nulled /body/title null for "Old"',
        '0 retyped /body/title 3 for "Old"',
    }
    assert found["0 nulled /body/id null for 1"] == Duty(
        "the body does not fit its schema", "#/GET/responses/200"
    )
    assert found["0 status changed /status 500 for 200"] == SERVER_ERROR


def test_a_status_that_the_text_excludes_is_a_fault() -> None:
    found = told(
        """
        def test_it(api):
            response = api.get("/books/{id}", path={"id": 1})
            assert response.status == 200
        """,
        READ,
    )

    line = Duty("the check's own text expects another status", "line 5 of the module")
    assert {name: duty for name, duty in found.items() if duty} == {
        "0 status changed /status 500 for 200": line,
        "0 status changed /status 202 for 200": line,
    }


@pytest.mark.parametrize(
    "call", ['existing(api, "/books/1", "/id")', 'created(api, "/books", "/id")']
)
def test_what_a_check_needs_is_not_what_it_judges(call: str) -> None:
    """For want of it a check is skipped; it is no fault that this check is there to find."""
    need = READ if "existing" in call else exchange("POST", "/books", 201, {"id": 1})
    found = told(
        f"""
        def test_it(api):
            book_id = {call}
            response = api.patch("/books/{{id}}", path={{"id": book_id}}, json={{"title": "New"}})
            expect.success(response, 200)
        """,
        need,
        PATCH,
    )

    assert due(found) == {
        "1 status changed /status 500 for 200",
        "1 status changed /status 202 for 200",
    }


def test_what_was_written_must_be_read_back() -> None:
    script = """
        def test_it(api):
            before = api.get("/books/{id}", path={"id": 1})
            api.patch("/books/{id}", path={"id": 1}, json={"title": "New"})
            after = api.get("/books/{id}", path={"id": 1})
            state.%s(after, {"title": "New"})
        """
    held = told(script % "holds", READ, PATCH, READ_NEW)
    lacking = told(script % "lacks", READ, PATCH, READ_NEW)
    stale = f"2 stale read after write  as before PATCH {ORIGIN}/books/1"

    assert held[stale] == Duty(
        "what was written is held against what is read", "line 7 of the module"
    )
    assert due(held) == {
        stale,
        "2 status changed /status 500 for 200",
    }
    assert due(lacking) == due(held)


def test_of_several_writings_the_last_need_not_be_the_one_that_is_held() -> None:
    last = exchange("PATCH", "/books/1", 200, {"id": 1, "title": "New"}, sent={"year": 7})
    script = """
        def test_it(api):
            api.get("/books/{id}", path={"id": 1})
            api.patch("/books/{id}", path={"id": 1}, json={"title": "New"})
            api.patch("/books/{id}", path={"id": 1}, json={"year": 7})
            after = api.get("/books/{id}", path={"id": 1})
            state.holds(after, {"title": "New"})
        """
    twice, thrice = (
        told(script, READ, PATCH, PATCH, READ_NEW),
        told(script, READ, PATCH, last, READ),
    )

    assert twice[f"3 stale read after write  as before PATCH {ORIGIN}/books/1"]
    assert due(thrice) == {"3 status changed /status 500 for 200"}


def test_an_ignored_write_must_be_noticed_where_its_values_are_expected() -> None:
    script = """
        def test_it(api):
            api.get("/books/{id}", path={"id": 1})
            response = api.patch("/books/{id}", path={"id": 1}, json={"title": "New"})
            state.%s(response, {"title": "New"})
        """
    ignored = f"1 ignored write /body as if PATCH {ORIGIN}/books/1 had changed nothing"

    assert told(script % "holds", READ, PATCH)[ignored]
    assert told(script % "lacks", READ, PATCH)[ignored] is None


def test_a_list_is_held_against_what_was_written() -> None:
    found = told(
        """
        def test_it(api):
            api.post("/books", json={"title": "New"})
            items = listed(api, "/books", "")
            state.some_holds(items, {"id": 2})
        """,
        exchange("POST", "/books", 201, {"id": 2}),
        exchange("GET", "/books", 200, [{"id": 1}, {"id": 2}]),
    )

    assert due(found) == {
        "1 status changed /status 500 for 200",
        f"1 ignored write /body as if POST {ORIGIN}/books had created nothing",
    }


def test_the_first_claims_are_those_of_fixtures() -> None:
    found = told(
        """
        import pytest

        @pytest.fixture
        def book(api):
            return existing(api, "/books/1", "/id")

        def test_it(api, book):
            response = api.get("/books/{id}", path={"id": book})
            expect.success(response, 200)
        """,
        READ,
        READ,
    )

    assert {name.split()[0] for name in due(found)} == {"1"}


def test_a_claim_that_was_not_met_is_nobodys() -> None:
    found = told(
        """
        def test_it(api):
            expect.success(api.post("/books"), 201)
            expect.success(api.get("/books/{id}", path={"id": 1}), 200)
        """,
        READ,
    )

    assert due(found)


def test_rules_of_http_are_duties_of_the_checks_that_are_about_them() -> None:
    head = told(
        """
        def test_it(api):
            got = api.get("/books/{id}", path={"id": 1})
            response = api.request("HEAD", "/books/{id}", path={"id": 1})
            expect.like_get(response, got)
        """,
        READ,
        exchange("HEAD", "/books/1", 200),
    )
    allowed = told(
        """
        def test_it(api):
            response = api.request("PUT", "/books/{id}", path={"id": 1})
            expect.not_allowed(response)
        """,
        exchange("PUT", "/books/1", 405, headers=[("Allow", "GET"), ("ETag", "x")]),
    )
    gone = told(
        """
        def test_it(api):
            expect.not_allowed(api.request("PUT", "/books/{id}", path={"id": 1}))
        """,
        exchange("PUT", "/books/1", 404, headers=[("Allow", "GET")]),
    )

    assert due(head) == {"1 status changed /status 500 for 200"}
    assert due(allowed) == {
        "0 status changed /status 500 for 405",
        "0 status changed /status 200 for 405",
        "0 missing header /headers/allow allow is not there",
    }
    assert due(gone) == {
        "0 status changed /status 500 for 404",
        "0 status changed /status 200 for 404",
    }


def test_a_check_that_cannot_be_read_must_notice_a_server_error_of_its_operation() -> None:
    found = told(
        """
        def test_it(api):
            for number in range(1, 2):
                assert api.get(f"/books/{number}").status == 200
            api.get("/members")
        """,
        READ,
        exchange("GET", "/members", 200),
    )

    assert due(found) == {"0 status changed /status 500 for 200"}
    assert found["0 status changed /status 500 for 200"] == SERVER_ERROR


def test_every_kind_of_mutation_was_made_here() -> None:
    created = exchange("POST", "/books", 201, {"id": 2, "tags": ["x"]})
    recording = (READ, PATCH, READ_NEW, created, exchange("GET", "/books/2", 200, {"id": 2}))

    assert {m.change.kind for m in made(recording)} == set(Kind)


SERIES = """
    from testops import generated
    def test_it(api):
        for response in generated(api, "GET", "/books/{id}", examples=9, seed=0):
            %s
        %s
    """
OF_A_BOOK = "status changed /status 500 for 200"


@pytest.mark.parametrize(
    ("body", "after", "wanted"),
    [
        ("expect.documented(response)", "pass", [0, 1]),
        ("assert response.status == 200", "pass", [0, 1]),
        # More may be asked after it, of which nothing is known.
        ("expect.documented(response)", "api.get('/books/{id}')", [0]),
        ("if not expect.documented(response): api.get('/books/1')", "pass", [0]),
    ],
)
def test_each_answer_of_a_series_goes_through_the_same_text(
    body: str, after: str, wanted: list[int]
) -> None:
    other = exchange("GET", "/other", 200, {"id": 1})
    found = due(told(SERIES % (body, after), READ, READ_NEW, other, READ))

    assert [number for number in range(4) if f"{number} {OF_A_BOOK}" in found] == wanted


def test_a_series_that_is_not_looped_over_is_held_to_the_least() -> None:
    script = """
    from testops import generated
    def test_it(api):
        first = next(generated(api, "GET", "/books/{id}", examples=9, seed=0))
        expect.documented(first)
    """
    assert due(told(script, READ, READ_NEW)) == {f"{number} {OF_A_BOOK}" for number in (0, 1)}
