import hashlib
import json
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import DescriptionError, NotFoundError
from app.models import ApiDescription, Operation
from app.models.base import new_id
from app.services import descriptions
from app.settings import Settings
from tests.database_fixtures import settings_for
from tests.factories import rows
from tests.unit.app.openapi.test_archives import packed


class _Document(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(rows.document(2))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Document) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/openapi.json"
        server.shutdown()
        thread.join()


def test_a_description_is_stored_whole_with_its_operations(session: Session) -> None:
    data = rows.document(2)
    user = rows.user(session)
    row = descriptions.add(session, descriptions.read_bytes(data), user_id=user.id)
    session.refresh(row)
    assert (row.title, row.version, row.dialect, row.source_url) == ("Pets", "1.0", "3.1", "")
    assert (row.operations_count, row.servers, row.problems) == (2, [rows.BASE_URL], [])
    assert zlib.decompress(row.document) == data
    assert row.digest == hashlib.sha256(data).hexdigest()
    assert row.created_by == user.id
    found = descriptions.all_operations(session, row.id)
    assert [operation.key for operation in found] == ["GET /pets-1", "GET /pets-2"]


def test_a_description_comes_from_a_url(session: Session, policy: Settings, url: str) -> None:
    row = descriptions.add(session, descriptions.read_url(url, policy))
    assert (row.source_url, row.operations_count) == (url, 2)


def test_a_private_address_that_is_not_allowed_is_not_asked(url: str) -> None:
    strict = settings_for("postgresql://nowhere/none", allowed_private_hosts="")
    with pytest.raises(DescriptionError):
        descriptions.read_url(url, strict)


def test_what_cannot_be_read_leaves_nothing(session: Session) -> None:
    with pytest.raises(DescriptionError):
        descriptions.read_bytes(b"<html>")
    assert session.scalar(select(func.count()).select_from(ApiDescription)) == 0


def test_a_description_without_operations_is_stored(session: Session) -> None:
    """What is wrong with each of them stands in its problems."""
    document = json.loads(rows.document(1))
    document["paths"] = {"no-slash": {"get": {}}}
    reading = descriptions.read_bytes(json.dumps(document).encode())
    row = descriptions.add(session, reading)
    assert row.operations_count == 0
    assert row.problems
    assert set(row.problems[0]) == {"pointer", "message"}


def test_text_that_postgresql_refuses_is_stored_all_the_same(session: Session) -> None:
    document = json.loads(rows.document(1, title="Pets\x00\ud800" + "x" * 500))
    document["paths"]["/pets-1"]["get"] |= {"tags": ["a\x00"], "summary": "s" * 2000}
    reading = descriptions.read_bytes(json.dumps(document).encode())
    row = descriptions.add(session, reading)
    [operation] = descriptions.all_operations(session, row.id)
    session.refresh(row)
    assert len(row.title) <= 300
    assert len(operation.summary) == 1000


def test_a_stored_description_can_be_opened_again(session: Session) -> None:
    row = rows.description(session, 2)
    session.expire_all()
    opened = descriptions.load(session, row.id)
    assert [operation.key for operation in opened.operations] == ["GET /pets-1", "GET /pets-2"]
    assert descriptions.load(session, row.id) is opened


def test_the_contract_of_a_description_is_kept(session: Session) -> None:
    row = rows.description(session, 2)
    contract = descriptions.contract(session, row.id)
    assert contract["contract"] == 1
    assert set(contract["operations"]) == {"GET /pets-1", "GET /pets-2"}


def test_descriptions_are_listed(session: Session) -> None:
    made = {rows.description(session).id for _ in range(3)}
    first = descriptions.list(session, limit=2)
    second = descriptions.list(session, limit=2, cursor=first.next_cursor)
    assert {row.id for row in (*first.items, *second.items)} == made
    assert second.next_cursor is None


def test_operations_are_listed_in_the_order_of_the_document(session: Session) -> None:
    row = rows.description(session, 12)
    first = descriptions.operations(session, row.id, limit=10)
    second = descriptions.operations(session, row.id, limit=10, cursor=first.next_cursor)
    keys = [operation.key for operation in (*first.items, *second.items)]
    assert keys == [f"GET /pets-{number}" for number in range(1, 13)]


def test_what_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NotFoundError):
        descriptions.get(session, new_id())
    with pytest.raises(NotFoundError):
        descriptions.operations(session, new_id())


def test_operations_go_with_their_description(session: Session) -> None:
    row = rows.description(session)
    session.delete(row)
    session.flush()
    assert session.scalar(select(func.count()).select_from(Operation)) == 0


def test_an_import_is_stored_as_the_description_it_is_told_as(session: Session) -> None:
    line = b"curl https://a.example/pets/1 -H 'Authorization: Bearer s3cret'"
    row = descriptions.add(session, descriptions.read_bytes(line, name="line.txt"))
    stored = zlib.decompress(row.document)
    assert (b"s3cret" in stored, json.loads(stored)["openapi"]) == (False, "3.1.0")
    assert "Credentials are left out" in row.problems[0]["message"]
    assert row.servers == ["https://a.example"]
    opened = descriptions.load(session, row.id)
    assert [operation.key for operation in opened.operations] == ["GET /pets/{petId}"]


def test_an_archive_is_stored_whole_and_opened_again(session: Session) -> None:
    document = json.loads(rows.document(0))
    document["paths"] = {"/a": {"$ref": "paths/a.json"}}
    data = packed({"openapi.json": json.dumps(document), "paths/a.json": '{"get": {}}'})
    row = descriptions.add(session, descriptions.read_bytes(data, name="api.zip"))
    assert row.operations_count == 1
    assert [each.key for each in descriptions.load(session, row.id).operations] == ["GET /a"]
