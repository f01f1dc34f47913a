from __future__ import annotations

from sqlalchemy.orm import Session, sessionmaker

from app.settings import Settings
from tests.factories import rows
from tests.web_fixtures import Api


def test_alerts_are_set_listed_and_removed(
    api: Api, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite_id = rows.suite(session, settings, cases=1).id
    path = f"/suites/{suite_id}/alerts"
    made = api.post(path, {"kind": "p95_above", "limit": 2.5, "operation": "GET /pets-1"})
    assert made.status_code == 201
    rule = made.json
    assert rule is not None
    assert (rule["kind"], rule["is_raised"], rule["value"]) == ("p95_above", False, None)
    assert api.get(path).json == {"items": [rule], "next_cursor": None}
    assert api.request("DELETE", f"/alerts/{rule['id']}").json == rule
    assert api.request("DELETE", f"/alerts/{rule['id']}").status_code == 404
    assert api.post(path, {"kind": "pass_rate_below", "limit": 2}).status_code == 422
    assert api.post(path, {"kind": "weather", "limit": 2}).status_code == 422
