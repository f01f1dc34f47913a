"""The pages of analytics."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.models import CheckStatistic, Result, Suite
from app.services.analytics import counting
from app.settings import Settings
from tests.factories import histories, rows
from tests.reader_fixtures import Reader, words


def counted(
    sessions: sessionmaker[Session], settings: Settings, signs: str, **more: object
) -> Suite:
    """A suite with one check, and a history of it."""
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        for minute, sign in enumerate(signs):
            run = histories.finished(session, suite, settings, minute, {"test_a": sign}, **more)
            counting.count(session, run.id, settings=settings)
        for confined in session.scalars(
            select(CheckStatistic).where(CheckStatistic.quarantined_until.is_not(None))
        ):
            confined.quarantined_until = rows.now().replace(year=rows.now().year + 1)
        return suite


def newest(sessions: sessionmaker[Session], outcome: str = "failed") -> Result:
    with sessions() as session:
        found = select(Result).where(Result.outcome == outcome).order_by(Result.created_at.desc())
        result = session.scalars(found).first()
        assert result is not None
        return result


def test_before_the_first_run_the_pages_say_so(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    suite = counted(sessions, settings, "")
    assert "Nothing counted yet" in words(reader.get(f"/suites/{suite.id}/analytics"))
    assert "Nothing counted yet" in words(reader.get(f"/suites/{suite.id}/operations"))
    assert "never asked" in words(reader.get(f"/suites/{suite.id}/coverage"))
    assert "What is red" not in words(reader.get(f"/suites/{suite.id}"))


def test_what_is_red_is_shown_with_why_and_since_when(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    suite = counted(sessions, settings, "grr", exchanges=[histories.exchange(status=500)])
    for path in ("", "/analytics"):
        page = words(reader.get(f"/suites/{suite.id}{path}"))
        assert "test_a API GET /pets-1 red since 2026-01-01 last green 2026-01-01" in page
        assert "answered 500, a server error" in page
    assert "1 check: answered 500 Internal Server Error: expected" in page
    assert "GET /pets-1 2 results in 2 runs" in page
    operations = words(reader.get(f"/suites/{suite.id}/operations"))
    assert "/pets-1 3 runs, the last 3 counted here 33 % 1.0 s 1.0 s 50 %" in operations
    covered = words(reader.get(f"/suites/{suite.id}/coverage"))
    assert "100 % 1 of 1 operations asked" in covered
    assert "Not documented, and came: 500 (3)" in covered


def test_a_green_suite_says_so(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    suite = counted(sessions, settings, "g" * 10)
    with sessions.begin() as session:
        slow = histories.finished(session, suite, settings, 10, {"test_a": "g"}, seconds=9.0)
        counting.count(session, slow.id, settings=settings)
    assert "Nothing: every check passed" in words(reader.get(f"/suites/{suite.id}"))
    page = words(reader.get(f"/suites/{suite.id}/analytics"))
    assert "Nothing is red" in page
    assert "took 9.0 s, usually 1.0 s (median of 10)" in page


def test_a_quarantine_is_shown_and_lifted(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    suite = counted(sessions, settings, "grgr")
    page = words(reader.get(f"/suites/{suite.id}/analytics"))
    assert "1 in quarantine" in page
    assert "Its outcome changed 3 times" in page
    with sessions() as session:
        check_id = session.scalars(select(CheckStatistic.id)).one()
    answer = reader.post(f"/checks/{check_id}/lift")
    assert answer.location == f"/suites/{suite.id}/analytics"
    assert "In quarantine Flaky checks" in words(reader.get(answer.location))
    assert "0 in quarantine" in words(reader.get(answer.location))
    reader.post(f"/checks/{check_id}/lift")
    assert "The check is not in quarantine." in words(reader.get(answer.location))


def test_a_result_shows_its_verdict_and_takes_another(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    counted(sessions, settings, "gr")
    result = newest(sessions)
    path = f"/runs/{result.run_id}/results/{result.id}"
    page = words(reader.get(path))
    assert "Verdict: API" in page
    assert "What else was found" in page
    assert "new · last green" in page
    answer = reader.post(f"{path}/verdict", cause="test", note="The script is wrong.")
    assert answer.location == path
    page = words(reader.get(path))
    assert "Verdict: test ( said)" in page
    assert ": The script is wrong. It holds whenever" in page
    assert "Found: API." in page
    assert "The script is wrong." in words(reader.get(f"/suites/{_suite(sessions)}"))
    reader.post(f"{path}/verdict", cause="")
    assert "Verdict: API" in words(reader.get(path))
    assert "test_a API" in words(reader.get(f"/runs/{result.run_id}"))


def _suite(sessions: sessionmaker[Session]) -> str:
    with sessions() as session:
        return session.scalars(select(Suite.id)).one()


def test_what_has_no_verdict_is_not_corrected(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    counted(sessions, settings, "g")
    result = newest(sessions, "passed")
    path = f"/runs/{result.run_id}/results/{result.id}"
    assert "Verdict:" not in words(reader.get(path))
    reader.post(f"{path}/verdict", cause="test")
    assert "There is no verdict to correct." in words(reader.get(path))


@pytest.mark.parametrize("red", [1, 2])
def test_a_run_whose_red_checks_are_in_quarantine_is_no_failure(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings, red: int
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        signs = {"test_a": "r", "test_b": "g" if red == 1 else "r"}
        run = histories.finished(session, suite, settings, 0, signs)
        run.quarantined = 1
        counting.count(session, run.id, settings=settings)
    listed = words(reader.get("/runs"))
    assert ("1 passed 1 red in quarantine" in listed) == (red == 1)
    assert ("2 failed 1 of them in quarantine" in listed) == (red == 2)
    page = words(reader.get(f"/runs/{run.id}"))
    assert f"{red} newly red, 0 red before, 0 fixed" in page
    assert "1 red in quarantine: for it no test execution fails" in page
