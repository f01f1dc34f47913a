from collections import Counter

import pytest

from app.domain.analytics import coverage
from app.domain.analytics.coverage import Cell, Documented, Routes, Sent

KEYS = [
    *("GET /pets/{petId}", "GET /pets/mine", "POST /pets", "GET /a/{x}.json", "GET /"),
    "GET /pets/{petId}/toys",
]
ROUTES = Routes(KEYS, "http://api.test/v1/")


def sent(method: str, path: str, status: int = 200, **more: object) -> Sent:
    values = {"headers": (), "has_body": False} | more
    return Sent(method, f"http://api.test{path}", status=status, **values)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("request_", "operation"),
    [
        (sent("GET", "/v1/pets/7"), "GET /pets/{petId}"),
        (sent("GET", "/v1/pets/mine"), "GET /pets/mine"),
        (sent("GET", "/v1/pets/m%69ne"), "GET /pets/mine"),
        (sent("GET", "/v1/a/b.json"), "GET /a/{x}.json"),
        (sent("GET", "/v1/"), "GET /"),
        (sent("GET", "/v1/pets/mine/toys"), "GET /pets/{petId}/toys"),
    ],
)
def test_a_request_is_of_the_operation_that_fits_best(request_: Sent, operation: str) -> None:
    assert next(iter(ROUTES.cells(request_))) == Cell(operation, 200)


@pytest.mark.parametrize(
    "request_",
    [
        sent("GET", "/pets/7"),
        sent("PUT", "/v1/pets/7"),
        sent("GET", "/v1/pets/7/toys/1"),
        sent("GET", "/v1/pets"),
    ],
)
def test_a_request_of_no_operation_covers_nothing(request_: Sent) -> None:
    assert list(ROUTES.cells(request_)) == []


def test_parameters_are_what_was_sent_in_the_path_the_query_the_headers_and_the_body() -> None:
    asked = sent(
        "GET", "/v1/pets/7?limit=3&limit=4&q=", headers=("Accept", "X-Tenant"), has_body=True
    )
    assert [cell.parameter for cell in ROUTES.cells(asked)] == [
        "",
        "path petId",
        "query limit",
        "query q",
        "header x-tenant",
        "body",
    ]


def test_a_name_that_nobody_documents_so_long_is_left_out() -> None:
    [cell] = ROUTES.cells(sent("POST", f"/v1/pets?{'x' * 200}=1", 201))
    assert cell == Cell("POST /pets", 201)


def test_requests_are_counted_and_invented_names_bounded() -> None:
    requests = [sent("POST", f"/v1/pets?name{number:03}=1") for number in range(150)]
    cells = coverage.count(ROUTES, requests)
    assert cells[Cell("POST /pets", 200)] == 150
    assert len(cells) == coverage.MAX_PARAMETERS + 1
    assert Cell("POST /pets", 200, "query name000") in cells


DOCUMENTED = Documented("GET /pets", ("200", "4XX", "default"), ("query limit", "query q"))


def test_what_was_seen_is_held_against_what_is_documented() -> None:
    seen = {
        Cell("GET /pets", 200): 3,
        Cell("GET /pets", 200, "query limit"): 2,
        Cell("GET /pets", 404): 1,
        Cell("GET /pets", 404, "query other"): 1,
    }
    found = coverage.hold_against(DOCUMENTED, seen)
    assert found.requests == 4
    assert found.statuses == ["200", "4XX"]
    assert found.parameters == ["query limit"]
    assert found.cells["query limit", "200"] == 2
    assert found.undocumented == {}


def test_a_status_that_nothing_documents_is_shown() -> None:
    bare = Documented("GET /pets", ("200",), ("query q",))
    seen = {Cell("GET /pets", 500): 2, Cell("GET /pets", 500, "query q"): 2}
    found = coverage.hold_against(bare, seen)
    assert found.undocumented == Counter({500: 2})
    assert (found.statuses, found.parameters) == ([], ["query q"])
