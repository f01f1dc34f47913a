import json

import pytest
from sqlalchemy.orm import Session

from app.domain.results import Message
from app.services import descriptions, suites
from app.services.analytics import counting, coverage
from app.settings import Settings
from tests.factories import histories, rows

PARAMETERS = [
    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
    {"name": "filter", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
    {"name": "X-Tenant", "in": "header", "schema": {"type": "string"}},
    {"name": "Accept-Language", "in": "header", "schema": {"type": "string"}},
    {"name": "taste", "in": "cookie", "schema": {"type": "string"}},
]
ANSWERS = {status: {"description": "d"} for status in ("200", "404")}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": rows.BASE_URL}],
    "paths": {
        "/pets": {
            "get": {"parameters": PARAMETERS, "responses": ANSWERS},
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {}}}},
                "responses": {"201": {"description": "d"}},
            },
        }
    },
}


def test_what_was_seen_is_held_against_the_description(session: Session, policy: Settings) -> None:
    described = descriptions.add(session, descriptions.read_bytes(json.dumps(DOCUMENT).encode()))
    suite = suites.create(
        session, described.id, name="Pets", base_url=rows.BASE_URL, settings=policy
    )
    assert coverage.summary(session, suite.id).statuses.rate == 0
    rows.case(session, suite, "GET /pets")
    asked = [
        histories.exchange(
            "/pets?filter[a]=1&filter[b]=2&other=3",
            request=Message((("X-Tenant", "a"), ("Accept-Language", "de")), ""),
        ),
        histories.exchange("/pets", 500),
    ]
    run = histories.finished(session, suite, policy, 0, {"test_a": "g"}, exchanges=asked)
    counting.count(session, run.id, settings=policy)
    found = coverage.summary(session, suite.id)
    assert (found.operations.seen, found.operations.documented) == (1, 2)
    assert (found.statuses.seen, found.statuses.documented) == (1, 3)
    assert (found.parameters.seen, found.parameters.documented) == (2, 4)
    assert found.operations.rate == 0.5
    [get, post] = coverage.operations(session, suite.id).items
    assert get.documented.parameters == ("query limit", "query filter", "header x-tenant")
    assert get.parameters == ["query filter", "header x-tenant"]
    assert get.undocumented == {500: 1}
    assert (post.requests, post.documented.parameters) == (0, ("body",))


def test_operations_come_in_pages(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=3)
    first = coverage.operations(session, suite.id, limit=2)
    assert [each.documented.operation for each in first.items] == ["GET /pets-1", "GET /pets-2"]
    rest = coverage.operations(session, suite.id, cursor=first.next_cursor, limit=2)
    assert [each.documented.operation for each in rest.items] == ["GET /pets-3"]


@pytest.mark.parametrize(("seen", "documented", "rate"), [(0, 0, None), (1, 4, 0.25)])
def test_a_share_of_nothing_is_none(seen: int, documented: int, rate: float | None) -> None:
    assert coverage.Share(seen, documented).rate == rate
