import re
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Outcome
from app.domain.results import (
    CaseFinished,
    CheckFinished,
    Deletion,
    Exchange,
    Message,
    Rerun,
    Timings,
    Tls,
)
from app.models import Result, Run
from app.services import results, runs
from app.services.analytics import counting
from app.settings import Settings
from tests.factories import rows
from tests.reader_fixtures import Reader, words

EXCHANGE = Exchange(
    "POST",
    "http://api.test/pets?q=<script>",
    Message((("x-one", "1"),), '{"name":"Rex"}'),
    500,
    Message((), "<h1>broken</h1>", truncated=True),
    0.25,
    timings=Timings(held=0.5, connect=0.003, tls=0.012, first_byte=0.2),
    tls=Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", "CN=<api>", "CN=Tests", "Jun  1 2099 GMT"),
)


@pytest.fixture
def red(sessions: sessionmaker[Session], settings: Settings) -> Run:
    """A finished run of two cases; one check failed, with all that can be known of it."""
    with sessions.begin() as session:
        run = rows.run(session, settings, cases=2)
        first, second = rows.case_ids(session, run.id)
        failed = CheckFinished(
            second,
            "test_it",
            Outcome.FAILED,
            message="Expected 200.\nGot <500>.",
            traceback="Traceback: <here>",
            output="printed <this>",
            intent="It answers. #/paths/~1pets-2/get",
            exchanges=(EXCHANGE, replace(EXCHANGE, status=None, response=None, error="refused")),
        )
        results.apply(session, rows.finished_case(run.id, first, Outcome.PASSED))
        end = CaseFinished(second, Outcome.FAILED)
        results.apply(session, [rows.reported(run.id, event) for event in (failed, end)])
    with sessions.begin() as session:
        counting.count(session, run.id, settings=settings)
        return runs.get(session, run.id)


def result_of(sessions: sessionmaker[Session], run: Run, check: str) -> Result:
    with sessions() as session:
        found = select(Result).where(Result.run_id == run.id, Result.check == check)
        return session.scalars(found).one()


def test_without_runs_the_list_says_where_to_begin(reader: Reader) -> None:
    assert "Nothing executed yet" in words(reader.get("/runs"))


def test_the_list_tells_how_runs_went(reader: Reader, red: Run) -> None:
    page = words(reader.get("/runs"))
    assert "2 cases" in page
    assert "1 failed 1 passed" in page


def test_a_suite_is_executed_and_its_run_followed_live(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=2)
    page = reader.get(reader.post(f"/suites/{suite.id}/runs").location)
    assert "Waiting for the first results" in words(page)
    assert "0 of 2 cases" in words(page)
    with sessions.begin() as session:
        run = session.scalars(select(Run)).one()
        first, second = rows.case_ids(session, run.id)
        results.apply(session, rows.finished_case(run.id, first, Outcome.PASSED))
    going = reader.get(f"/runs/{run.id}/results", htmx=True)
    assert "1 of 2 cases" in words(going)
    assert "/pets-1" in words(going)
    assert 'hx-trigger="every 1s, run-changed from:body"' in going.text
    assert f'data-changes="/runs/{run.id}/changes"' in going.text
    with sessions.begin() as session:
        results.apply(session, rows.finished_case(run.id, second, Outcome.PASSED))
    ended = reader.get(f"/runs/{run.id}/results", htmx=True)
    assert "finished 2 of 2 cases" in words(ended)
    assert 'hx-trigger="every' not in ended.text
    assert "data-changes" not in ended.text
    # An answer asked for before the end is put in by what the page says after it.
    assert re.search(r'id="progress"[^>]* hx-swap-oob="morph"', ended.text)
    assert re.search(r'id="results" hx-swap="morph"', ended.text)


def test_results_stand_by_operation_with_the_red_ones_first(reader: Reader, red: Run) -> None:
    page = words(reader.get(f"/runs/{red.id}"))
    assert page.index("/pets-2") < page.index("/pets-1")
    assert "Expected 200." in page
    assert "red since" not in page


def test_a_check_that_was_red_before_says_since_when(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings, red: Run
) -> None:
    with sessions.begin() as session:
        again = runs.start(session, red.suite_id, settings=settings)
        failed = CheckFinished(rows.case_ids(session, again.id)[1], "test_it", Outcome.FAILED)
        results.apply(session, [rows.reported(again.id, failed)])
    page = words(reader.get(f"/runs/{again.id}"))
    assert re.search(r"red since (just now|\d+ seconds? ago)", page)


def test_results_are_filtered_by_outcome_and_text(reader: Reader, red: Run) -> None:
    for query, shown in (
        ("outcome=failed", ["/pets-2"]),
        ("outcome=passed", ["/pets-1"]),
        ("q=GOT+%3C500", ["/pets-2"]),
        ("outcome=skipped", []),
    ):
        page = words(reader.get(f"/runs/{red.id}/results?{query}", htmx=True))
        assert re.findall(r"/pets-\d", page) == shown, query
        assert ("No result matches." in page) is not bool(shown), query


def test_an_outcome_that_there_is_not_is_refused(reader: Reader, red: Run) -> None:
    assert reader.get(f"/runs/{red.id}?outcome=lucky").status_code == 422


def test_many_results_come_in_pieces(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        run = rows.run(session, settings, cases=1)
        case_id = rows.case_ids(session, run.id)[0]
        many = [Outcome.PASSED] * 120
        results.apply(session, rows.finished_case(run.id, case_id, *many))
    first = reader.get(f"/runs/{run.id}")
    assert first.text.count('class="check"') == 100
    more = re.search(r'hx-get="([^"]+cursor=[^"]+)"', first.text)
    assert more
    rest = reader.get(more[1].replace("&amp;", "&"), htmx=True)
    assert rest.text.count('class="check"') == 20


def test_a_result_shows_all_that_is_known_as_text(
    reader: Reader, sessions: sessionmaker[Session], red: Run
) -> None:
    result = result_of(sessions, red, "test_it")
    part = reader.get(f"/runs/{red.id}/results/{result.id}", htmx=True)
    told = words(part)
    for text in (
        "Expected 200. Got <500>.",
        "Traceback: <here>",
        "printed <this>",
        "#/paths/~1pets-2/get",
        "http://api.test/pets?q=<script>",
        '{ "name": "Rex" }',
        "<h1>broken</h1>",
        "only its beginning was kept",
        "no answer",
        "refused",
        "250 ms",
    ):
        assert text in told, text
    assert "<script>" not in part.text
    assert "<h1>broken" not in part.text
    page = reader.get(f"/runs/{red.id}/results/{result.id}")
    assert "<!doctype html>" in page.text
    assert "Expected 200." in page.text


def test_a_result_that_did_nothing_says_so(
    reader: Reader, sessions: sessionmaker[Session], red: Run
) -> None:
    result = result_of(sessions, red, "test_0")
    page = reader.get(f"/runs/{red.id}/results/{result.id}", htmx=True)
    assert "Nothing to show" in words(page)


def test_a_result_of_another_run_is_not_found(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings, red: Run
) -> None:
    result = result_of(sessions, red, "test_it")
    with sessions.begin() as session:
        other = rows.run(session, settings)
    assert reader.get(f"/runs/{other.id}/results/{result.id}").status_code == 404


def test_a_run_is_cancelled_once(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        run = rows.run(session, settings)
    page = reader.get(reader.post(f"/runs/{run.id}/cancel").location)
    assert "cancelled" in words(page)
    assert "It was cancelled before anything was executed." in words(page)
    again = reader.get(reader.post(f"/runs/{run.id}/cancel").location)
    assert "The run is cancelled already." in words(again)


def test_one_case_is_executed_and_executed_again_alone(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        run = rows.run(session, settings, cases=2)
        case_id = rows.case_ids(session, run.id)[1]
    first = reader.post(f"/cases/{case_id}/runs").location
    second = reader.post(f"{first}/again").location
    with sessions() as session:
        ids = [rows.case_ids(session, path.rsplit("/")[-1]) for path in (first, second)]
    assert first != second
    assert ids == [[case_id], [case_id]]


def test_a_suite_is_executed_again_whole(
    reader: Reader, sessions: sessionmaker[Session], red: Run
) -> None:
    again = reader.post(f"/runs/{red.id}/again").location
    with sessions() as session:
        assert len(rows.case_ids(session, again.rsplit("/")[-1])) == 2


def test_a_suite_without_cases_cannot_be_executed(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=0)
    answer = reader.post(f"/suites/{suite.id}/runs")
    assert answer.status_code == 409
    assert "The suite has no cases." in words(answer)


def test_an_exchange_says_where_its_time_went_and_how_it_was_secured(
    reader: Reader, sessions: sessionmaker[Session], red: Run
) -> None:
    found = result_of(sessions, red, "test_it")
    page = words(reader.get(f"/runs/{red.id}/results/{found.id}"))
    assert "waited its turn 500 ms" in page
    assert "connect 3 ms" in page
    assert "TLS 12 ms" in page
    assert "first byte 200 ms" in page
    assert "TLSv1.3 TLS_AES_256_GCM_SHA384, certificate of CN=<api> by CN=Tests until" in page


def test_what_was_run_again_is_shown_with_its_evidence(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    """In the list a flaky check is marked; its outcome stays."""
    reruns = (
        Rerun(Outcome.FAILED, "Still wrong.\nReally.", "Trace <2>", "said"),
        Rerun(Outcome.PASSED, exchanges=(EXCHANGE,)),
    )
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
    reader.post(f"/suites/{suite.id}/runs", retries="2")
    with sessions.begin() as session:
        run = session.scalars(select(Run)).one()
        assert run.retries == 2
        [case_id] = rows.case_ids(session, run.id)
        firm = CheckFinished(case_id, "test_firm", Outcome.FAILED, reruns=reruns[:1])
        flaky = CheckFinished(case_id, "test_flaky", Outcome.FAILED, reruns=reruns)
        end = CaseFinished(case_id, Outcome.FAILED)
        results.apply(session, [rows.reported(run.id, each) for each in (firm, flaky, end)])
    listed = words(reader.get(f"/runs/{run.id}"))
    assert listed.count("flaky: passed when run again") == 1
    shown = result_of(sessions, run, "test_flaky")
    page = words(reader.get(f"/runs/{run.id}/results/{shown.id}"))
    assert "It passed when it was run again: it is flaky." in page
    assert "Still wrong." in page
    assert "Trace <2>" in page
    assert "http://api.test/pets?q=<script>" in page
    shown = result_of(sessions, run, "test_firm")
    assert "It was red every time." in words(reader.get(f"/runs/{run.id}/results/{shown.id}"))
    again = reader.post(f"/runs/{run.id}/again").location
    with sessions() as session:
        assert runs.get(session, again.rpartition("/")[2]).retries == 2


def test_what_was_left_behind_is_shown_with_the_run_and_the_result(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=2)
    reader.post(f"/suites/{suite.id}/runs", cleans_up="no")
    with sessions.begin() as session:
        run = session.scalars(select(Run)).one()
        assert not run.cleans_up
        one, other = rows.case_ids(session, run.id)
        gone, kept = Deletion("http://a/b/1", 204), Deletion("http://a/b/2", 403, "Forbidden.")
        ends = (
            CheckFinished(one, "test_a", Outcome.PASSED),
            CaseFinished(one, Outcome.PASSED, deletions=(gone, kept)),
            CheckFinished(other, "test_b", Outcome.PASSED),
            CaseFinished(other, Outcome.PASSED, deletions=(gone,)),
        )
        results.apply(session, [rows.reported(run.id, end) for end in ends])
    listed = words(reader.get(f"/runs/{run.id}"))
    assert "1 thing that a case created could not be deleted" in listed
    assert "GET /pets-1: http://a/b/2 Forbidden." in listed
    assert "http://a/b/1" not in listed
    page = words(reader.get(f"/runs/{run.id}/results/{result_of(sessions, run, 'test_a').id}"))
    assert "DELETE http://a/b/1 204" in page
    assert "DELETE http://a/b/2 403 Forbidden." in page
    again = reader.post(f"/runs/{run.id}/again").location
    with sessions() as session:
        assert not runs.get(session, again.rpartition("/")[2]).cleans_up


def test_a_number_of_times_that_is_none_is_refused(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
    assert reader.post(f"/suites/{suite.id}/runs", retries="often").status_code == 422
