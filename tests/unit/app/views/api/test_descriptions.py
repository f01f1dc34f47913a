import io
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from app.models import ApiDescription
from app.services import descriptions
from tests.factories import rows
from tests.web_fixtures import Api


@pytest.fixture
def served() -> Iterator[str]:
    """Base URL of a server that has a description at /good and nothing of use elsewhere."""

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(rows.document(2) if self.path == "/good" else b"<html>")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def upload(api: Api, data: bytes, name: str = "file") -> dict[str, object]:
    answer = api.request("POST", "/api-descriptions", data={name: (io.BytesIO(data), "x.json")})
    return {"status": answer.status_code, **(answer.json or {})}


def test_a_description_is_added_by_file(api: Api, user_id: str) -> None:
    answer = api.request(
        "POST", "/api-descriptions", data={"file": (io.BytesIO(rows.document(2)), "x.json")}
    )
    assert answer.status_code == 201
    assert answer.json is not None
    assert (answer.json["title"], answer.json["operations_count"]) == ("Pets", 2)
    assert answer.location == f"/api/v1/api-descriptions/{answer.json['id']}"
    assert api.get(f"/api-descriptions/{answer.json['id']}").json == answer.json


def test_a_description_is_added_by_url(api: Api, served: str) -> None:
    answer = api.post("/api-descriptions", {"url": f"{served}/good"})
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["source_url"] == f"{served}/good"


@pytest.mark.parametrize("body", [{}, {"url": ""}, {"url": 5}, {"url": "http://x", "uri": "y"}, []])
def test_a_body_of_another_shape_is_refused(api: Api, body: object) -> None:
    answer = api.post("/api-descriptions", body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"].startswith("#")


def test_what_is_no_description_is_refused_and_leaves_nothing(
    api: Api, served: str, engine: Engine
) -> None:
    assert api.post("/api-descriptions", {"url": f"{served}/bad"}).status_code == 422
    assert upload(api, b"<html>")["status"] == 422
    assert upload(api, rows.document(), name="other")["errors"] == [
        {"detail": "The form has no file of this name.", "pointer": "#/file"}
    ]
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(ApiDescription)) == 0


def test_a_private_address_that_is_not_allowed_is_refused(api: Api) -> None:
    answer = api.post("/api-descriptions", {"url": "http://169.254.169.254/latest/meta-data"})
    assert answer.status_code == 422


def test_a_file_that_is_too_large_is_refused(api: Api, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    assert upload(api, b"x" * 2000)["status"] == 413


def test_a_description_is_added_as_text(api: Api) -> None:
    answer = api.post("/api-descriptions", {"document": rows.document(2).decode()})
    assert (answer.status_code, (answer.json or {})["operations_count"]) == (201, 2)
    line = "curl https://a.example/pets/1"
    assert (api.post("/api-descriptions", {"document": line}).json or {})["servers"] == [
        "https://a.example"
    ]


def test_a_newer_version_is_uploaded_and_both_are_found(api: Api) -> None:
    path = f"/api-descriptions/{upload(api, rows.document(1))['id']}"
    answer = api.request(
        "POST", f"{path}/versions", data={"file": (io.BytesIO(rows.document(2)), "x.json")}
    )
    assert answer.json is not None
    assert (answer.status_code, answer.json["number"]) == (200, 2)
    assert answer.json["changes"] == {"added": ["GET /pets-2"], "removed": [], "changed": []}
    page = api.get(f"{path}/versions").json
    assert page is not None
    assert [item["number"] for item in page["items"]] == [2, 1]
    old = api.get(f"{path}/versions/1/document")
    assert (old.data, old.mimetype) == (rows.document(1), "application/octet-stream")
    assert "attachment" in old.headers["Content-Disposition"]
    assert api.get(f"{path}/versions/3/document").status_code == 404


def test_a_description_is_fetched_again_and_by_schedule(api: Api, served: str) -> None:
    added = api.post("/api-descriptions", {"url": f"{served}/good"}).json
    assert added is not None
    path = f"/api-descriptions/{added['id']}"
    assert (api.post(f"{path}/fetch", {}).json or {})["number"] == 1
    answer = api.request("PUT", f"{path}/schedule", json={"every_hours": 24})
    assert (answer.json or {})["every_hours"] == 24
    assert api.request("PUT", f"{path}/schedule", json={"every_hours": 0}).status_code == 422


def test_a_fetch_that_fails_is_answered_and_told_afterwards(
    api: Api, served: str, sessions: sessionmaker[Session]
) -> None:
    reading = descriptions.read_bytes(rows.document(1), source_url=f"{served}/bad")
    with sessions.begin() as session:
        added = descriptions.add(session, reading)
    assert api.post(f"/api-descriptions/{added.id}/fetch", {}).status_code == 422
    found = api.get(f"/api-descriptions/{added.id}").json
    assert found is not None
    assert "HTML" in found["refusal"]


def test_an_upload_cannot_be_fetched_again(api: Api) -> None:
    path = f"/api-descriptions/{upload(api, rows.document(1))['id']}"
    assert api.post(f"{path}/fetch", {}).status_code == 409
    assert api.request("PUT", f"{path}/schedule", json={"every_hours": 1}).status_code == 409


def test_descriptions_come_in_pages(api: Api) -> None:
    made = {upload(api, rows.document(1))["id"] for _ in range(3)}
    first = api.get("/api-descriptions", limit=2).json
    assert first is not None
    second = api.get("/api-descriptions", limit=2, cursor=first["next_cursor"]).json
    assert second is not None
    assert {item["id"] for item in first["items"] + second["items"]} == made
    assert second["next_cursor"] is None


def test_operations_come_in_the_order_of_the_document(api: Api) -> None:
    identifier = upload(api, rows.document(3))["id"]
    page = api.get(f"/api-descriptions/{identifier}/operations", limit=2).json
    assert page is not None
    assert [item["key"] for item in page["items"]] == ["GET /pets-1", "GET /pets-2"]
    assert page["items"][0]["pointer"] == "#/paths/~1pets-1/get"


@pytest.mark.parametrize(
    "identifier", ["nope", "%00", rows.NOWHERE, pytest.param("x" * 3000, id="long")]
)
def test_what_is_not_there_is_not_found(api: Api, identifier: str) -> None:
    assert api.get(f"/api-descriptions/{identifier}").status_code == 404
    assert api.get(f"/api-descriptions/{identifier}/operations").status_code == 404


def test_a_page_that_makes_no_sense_is_refused(api: Api) -> None:
    assert api.get("/api-descriptions", limit=0).status_code == 422
    assert api.get("/api-descriptions", limit=1000).status_code == 422
    assert api.get("/api-descriptions", cursor="nope").status_code == 400
