import io
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.models import ApiDescription, Suite
from app.services import descriptions, suites, versions
from app.settings import Settings
from tests.factories import rows
from tests.reader_fixtures import Reader, words


def test_without_descriptions_the_list_says_where_to_begin(reader: Reader) -> None:
    assert "No API description yet" in words(reader.get("/api-descriptions/"))


def test_the_list_leads_to_older_ones(reader: Reader, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        for _ in range(51):
            rows.description(session, 1)
    first = reader.get("/api-descriptions/")
    assert first.text.count("<tr>") == 1 + 50
    older = re.search(r'href="(/api-descriptions/\?cursor=[^"]+)"', first.text)
    assert older
    assert reader.get(older[1]).text.count("<tr>") == 1 + 1


def test_a_file_is_added_and_shown(reader: Reader) -> None:
    assert "Add an API description" in words(reader.get("/api-descriptions/new"))
    upload = (io.BytesIO(rows.document(3)), "pets.json")
    answer = reader.post("/api-descriptions/", source="file", file=upload)
    assert answer.status_code == 302
    page = reader.get(answer.location)
    assert "GET /pets-2" in words(page)
    assert f'value="{rows.BASE_URL}"' in page.text


def test_htmx_is_led_on_to_the_new_description(reader: Reader) -> None:
    upload = (io.BytesIO(rows.document(1)), "pets.json")
    answer = reader.post("/api-descriptions/", htmx=True, source="file", file=upload)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/api-descriptions/")


def test_what_is_wrong_with_a_description_is_said_in_place(reader: Reader) -> None:
    for htmx in (True, False):
        upload = (io.BytesIO(b"<html>no description"), "page.html")
        answer = reader.post("/api-descriptions/", htmx=htmx, source="file", file=upload)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert ("<html" in answer.text) is not htmx


def test_a_form_without_a_file_says_so(reader: Reader) -> None:
    answer = reader.post("/api-descriptions/", htmx=True, source="file")
    assert "No file is chosen." in words(answer)


def test_text_is_added_and_what_is_wrong_with_it_keeps_it(reader: Reader) -> None:
    answer = reader.post("/api-descriptions/", source="text", text=rows.document(2).decode())
    assert "GET /pets-2" in words(reader.get(answer.location))
    answer = reader.post("/api-descriptions/", source="text", text="neither <this> nor that")
    assert answer.status_code == 422
    assert "neither &lt;this&gt; nor that</textarea>" in answer.text


def test_a_newer_version_is_uploaded_and_shown_with_what_changed(
    reader: Reader, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        added = rows.description(session, 1)
    path = f"/api-descriptions/{added.id}"
    upload = (io.BytesIO(rows.document(2)), "pets.json")
    assert reader.post(f"{path}/versions", file=upload).location == path
    page = words(reader.get(path))
    assert "1 added, 0 removed, 0 changed" in page
    spaced = (io.BytesIO(b" " + rows.document(2)), "pets.json")
    reader.post(f"{path}/versions", file=spaced)
    assert "No operation is different." in words(reader.get(path))
    answer = reader.post(f"{path}/versions", file=(io.BytesIO(b"<html>"), "x"))
    assert (answer.status_code, "an HTML page" in words(answer)) == (422, True)
    old = reader.get(f"{path}/versions/1/document")
    assert (old.data, old.mimetype) == (rows.document(1), "application/octet-stream")
    assert reader.get(f"{path}/versions/one/document").status_code == 404


def test_many_changes_are_cut(reader: Reader, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        added = rows.description(session, 1)
        versions.take(session, added.id, descriptions.read_bytes(rows.document(150)))
    assert "and 49 more added" in words(reader.get(f"/api-descriptions/{added.id}"))


def test_a_description_is_fetched_again_and_by_schedule(
    reader: Reader, sessions: sessionmaker[Session]
) -> None:
    """Nothing answers at its address: the page tells, and the schedule is kept all the same."""
    reading = descriptions.read_bytes(rows.document(1), source_url="http://127.0.0.1:1/x")
    with sessions.begin() as session:
        added = descriptions.add(session, reading)
    path = f"/api-descriptions/{added.id}"
    assert reader.post(f"{path}/fetch").location == path
    assert "No usable answer" in words(reader.get(path))
    reader.post(f"{path}/schedule", every_hours="24")
    assert '<option value="24" selected>' in reader.get(path).text
    reader.post(f"{path}/schedule", every_hours="5")
    assert "every 5 hours" in words(reader.get(path))
    reader.post(f"{path}/schedule", every_hours="")
    assert '<option value="" selected>' in reader.get(path).text


def test_a_fetch_brings_a_newer_version(
    reader: Reader, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "http://api.test/openapi.json"
    with sessions.begin() as session:
        added = descriptions.add(session, descriptions.read_bytes(rows.document(1), source_url=url))
    newer = descriptions.read_bytes(rows.document(2), source_url=url)
    monkeypatch.setattr(descriptions, "read_url", lambda _url, _settings: newer)
    reader.post(f"/api-descriptions/{added.id}/fetch")
    assert "1 added" in words(reader.get(f"/api-descriptions/{added.id}"))


def test_a_url_that_fails_is_kept_in_the_form(
    reader: Reader, sessions: sessionmaker[Session]
) -> None:
    url = "http://10.0.0.1/openapi.json"
    answer = reader.post("/api-descriptions/", htmx=True, source="url", url=url)
    assert answer.status_code == 422
    assert f'value="{url}"' in answer.text
    with sessions() as session:
        assert session.scalars(select(ApiDescription)).all() == []


def test_parts_that_could_not_be_read_are_told(
    reader: Reader, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        described = rows.description(session)
        described.problems = [{"pointer": "#/paths/~1x/get", "message": "No <such> thing."}]
    page = reader.get(f"/api-descriptions/{described.id}")
    assert "1 part could not be read" in words(page)
    assert "No &lt;such&gt; thing." in page.text


def test_an_unknown_description_is_not_found(reader: Reader) -> None:
    answer = reader.get("/api-descriptions/nothing")
    assert answer.status_code == 404
    assert "There is no such API description." in words(answer)


def test_a_suite_is_made_with_headers_that_are_kept_sealed(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        described = rows.description(session)
    answer = reader.post(
        f"/api-descriptions/{described.id}/suites",
        name="Staging",
        base_url="http://api.test/v1/",
        headers="Authorization: Bearer secret\n",
        secrets="PASSWORD: hidden",
        identities="alice=X-User: hidden",
    )
    assert "Staging" in words(reader.get(answer.location))
    assert "Staging" in words(reader.get(f"/api-descriptions/{described.id}"))
    with sessions() as session:
        made = session.scalars(select(Suite)).one()
        environment = suites.environment(session, made.id)
        target = suites.target(environment, settings)
        assert target.headers == {"Authorization": "Bearer secret"}
        assert target.secrets == {"PASSWORD": "hidden"}
        assert target.identities == {"alice": {"X-User": "hidden"}}
    assert "secret" not in environment.sealed_headers


def test_a_refused_suite_keeps_what_was_typed_but_what_is_secret(
    reader: Reader, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        described = rows.description(session)
    for field, value, said in (
        ("name", " ", "This may not be empty."),
        ("base_url", "ftp://x", "This is not an absolute URL."),
        ("headers", "s3cret", "headers, line 1"),
        ("secrets", "s3cret", "secrets, line 1"),
    ):
        form = {"name": "Mine", "base_url": "http://mine.test"} | {field: value}
        answer = reader.post(
            f"/api-descriptions/{described.id}/suites",
            name=form["name"],
            base_url=form["base_url"],
            headers=form.get("headers", "X: s3cret"),
            secrets=form.get("secrets", "X: s3cret"),
        )
        assert answer.status_code == 422
        assert said in words(answer)
        assert form["name"].strip() in answer.text
        assert form["base_url"] in answer.text
        assert "s3cret" not in answer.text
