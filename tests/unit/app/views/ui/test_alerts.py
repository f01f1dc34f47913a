from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.models import AlertRule
from app.services.analytics import alerts
from app.settings import Settings
from tests.factories import histories, rows
from tests.reader_fixtures import Reader, words


@pytest.fixture
def suite_id(sessions: sessionmaker[Session], settings: Settings) -> str:
    with sessions.begin() as session:
        return rows.suite(session, settings, cases=1).id


def test_a_limit_is_set_looked_at_and_removed(
    reader: Reader, sessions: sessionmaker[Session], suite_id: str
) -> None:
    path = f"/suites/{suite_id}/alerts"
    assert "No alert yet" in words(reader.get(path))
    answer = reader.post(path, kind="no_run_since", limit="0,5", operation="")
    assert answer.location == path
    assert "not looked at yet No run for 30 min" in words(reader.get(path))
    with sessions.begin() as session:
        rule = session.scalars(select(AlertRule)).one()
        assert (rule.limit, rule.created_by is not None) == (1800, True)
        alerts.look(session, rule.created_at)
    assert "fine No run for 30 min No run has ended for 0 s." in words(reader.get(path))
    with sessions.begin() as session:
        alerts.look(session, histories.at(0).replace(year=2100))
    assert "raised" in words(reader.get(path))
    assert reader.post(f"/alerts/{rule.id}/remove").location == path
    assert "No alert yet" in words(reader.get(path))


@pytest.mark.parametrize(
    ("kind", "limit", "wrong"),
    [
        ("p95_above", "many", "This is no number."),
        ("pass_rate_below", "101", "Above 0, and at most 1."),
        ("weather", "1", "There is no such alert."),
    ],
)
def test_what_is_no_limit_comes_back_with_what_is_wrong(
    reader: Reader, suite_id: str, kind: str, limit: str, wrong: str
) -> None:
    reader.get(f"/suites/{suite_id}/alerts")
    answer = reader.post(f"/suites/{suite_id}/alerts", kind=kind, limit=limit)
    assert answer.status_code == 422
    assert wrong in words(answer)
    assert f'value="{limit}"' in answer.text
