import re

from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Outcome
from app.services import generations, results, runs, suites
from app.settings import Settings
from tests.factories import rows
from tests.reader_fixtures import Reader, words


def test_without_suites_the_list_says_where_to_begin(reader: Reader) -> None:
    assert "No suite yet" in words(reader.get("/suites/"))


def test_a_new_suite_says_what_comes_next(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        described = rows.description(session)
        suite = suites.create(
            session, described.id, name="Pets", base_url=rows.BASE_URL, settings=settings
        )
    assert "Pets" in words(reader.get("/suites/"))
    page = words(reader.get(f"/suites/{suite.id}"))
    assert "No case yet" in page
    assert "Never executed." in page
    assert "0 of 3 operations have a case" in page
    assert "Execute all" not in page


def test_cases_are_listed_with_how_they_ended(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=2)
        run = runs.start(session, suite.id, settings=settings)
        case_id = rows.case_ids(session, run.id)[0]
        results.apply(session, rows.finished_case(run.id, case_id, Outcome.FAILED))
    page = words(reader.get(f"/suites/{suite.id}"))
    assert re.search(r"/pets-1 test_case_\d+\.py failed", page)
    assert re.search(r"/pets-2 test_case_\d+\.py not run", page)
    assert "Execute all" in page


def test_cases_are_filtered_and_continued(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=60)
    first = reader.get(f"/suites/{suite.id}/cases?q=PETS", htmx=True)
    assert first.text.count("<tr>") == 50
    more = re.search(r'hx-get="([^"]+cursor[^"]+)"', first.text)
    assert more
    assert reader.get(more[1].replace("&amp;", "&"), htmx=True).text.count("<tr>") == 10
    assert "No case matches." in reader.get(f"/suites/{suite.id}/cases?q=%25", htmx=True).text


def test_cases_are_asked_for_and_their_writing_followed(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        described = rows.description(session, 2)
        suite = suites.create(
            session, described.id, name="Pets", base_url=rows.BASE_URL, settings=settings
        )
    asked = reader.post(
        f"/suites/{suite.id}/generations", htmx=True, provider="offline", scope="missing"
    )
    assert "queued" in words(asked)
    assert "HX-Trigger" not in asked.headers
    follow = re.search(r'hx-get="(/suites/generations/([^"]+))" hx-trigger="every 1s"', asked.text)
    assert follow
    with sessions.begin() as session:
        generations.get(session, follow[2]).written = 1
        generations.get(session, follow[2]).total = 3
    assert reader.get(follow[1], htmx=True).headers["HX-Trigger"] == "cases-changed"
    with sessions.begin() as session:
        generations.get(session, follow[2]).written = 0
        generations.get(session, follow[2]).total = 2
    generations.perform(sessions, follow[2])
    done = reader.get(follow[1], htmx=True)
    assert "2 of 2 written" in words(done)
    assert "hx-trigger" not in done.text
    assert done.headers["HX-Refresh"] == "true"
    assert "2 of 2 operations have a case" in words(reader.get(f"/suites/{suite.id}"))


def test_a_form_sent_without_htmx_comes_back_to_the_suite(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings)
    path = f"/suites/{suite.id}/generations"
    assert reader.post(path, provider="offline", scope="all").location == f"/suites/{suite.id}"


def test_a_choice_that_there_is_not_is_said_in_place(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings)
    path = f"/suites/{suite.id}/generations"
    answer = reader.post(path, htmx=True, provider="<b>", scope="all")
    assert answer.status_code == 422
    assert "There is no provider" in words(answer)
    assert "<b>" not in answer.text


def test_the_environment_is_replaced_and_what_is_sealed_not_shown(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    """What is set stays where nothing is typed, until it is removed."""
    with sessions.begin() as session:
        suite_id = rows.suite(session, settings, cases=1).id

    def save(base_url: str, **fields: str) -> tuple[object, object, object]:
        path = f"/suites/{suite_id}/environment"
        page = reader.get(reader.post(path, htmx=False, base_url=base_url, **fields).location)
        assert base_url in page.text
        assert "s3cret" not in page.text
        with sessions() as session:
            target = suites.target(suites.environment(session, suite_id), settings)
        return target.headers, target.secrets, target.identities

    headers, secrets = {"X": "s3cret"}, {"PASSWORD": "s3cret"}
    users = {"alice": {"X": "s3cret"}}
    typed = {"headers": "X: s3cret", "secrets": "PASSWORD: s3cret", "identities": "alice=X: s3cret"}
    assert save("http://a.test", **typed) == (headers, secrets, users)
    assert save("http://b.test") == (headers, secrets, users)
    assert save("http://c.test", remove_headers="1") == ({}, secrets, users)
    assert save("http://d.test", remove_secrets="1") == ({}, {}, users)
    assert save("http://e.test", remove_identities="1") == ({}, {}, {})


def test_a_refused_environment_says_why_and_shows_no_secret(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite_id = rows.suite(session, settings, cases=1).id
    path = f"/suites/{suite_id}/environment"
    for fields, said in (
        ({"base_url": "ftp://mine"}, "This is not an absolute URL."),
        ({"base_url": "http://mine", "secrets": "s3cret"}, "secrets, line 1"),
    ):
        answer = reader.post(path, htmx=False, headers="X: s3cret", **fields)
        assert answer.status_code == 422
        assert said in words(answer)
        assert fields["base_url"] in answer.text
        assert "s3cret" not in answer.text
