import datetime as dt
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.messages import topics
from app.models import ApiDescription, Version
from app.models.base import new_id
from app.services import descriptions, outbox, versions
from app.settings import Settings
from tests.factories import rows

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
NOTHING: dict[str, list[str]] = {"added": [], "removed": [], "changed": []}


class Source(HTTPServer):
    """A server whose description the test changes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Document)
        self.document = rows.document(2)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/openapi.json"


class _Document(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        assert isinstance(self.server, Source)
        self.wfile.write(self.server.document)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def source() -> Iterator[Source]:
    with Source() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def take(session: Session, description_id: str, data: bytes) -> Version:
    return versions.take(session, description_id, descriptions.read_bytes(data))


def numbers(session: Session, description_id: str) -> list[int]:
    return [version.number for version in versions.list(session, description_id).items]


def test_a_description_is_the_first_version_of_itself(session: Session) -> None:
    row = rows.description(session, 2)
    (version,) = versions.list(session, row.id).items
    assert (version.number, version.operations_count, version.changes) == (1, 2, NOTHING)
    assert (version.digest, version.document) == (row.digest, None)


def test_a_newer_version_takes_the_place_and_the_older_is_kept(session: Session) -> None:
    row = rows.description(session, 2)
    user = rows.user(session)
    reading = descriptions.read_bytes(rows.document(3, title="Cats"))
    newest = versions.take(session, row.id, reading, user_id=user.id)
    assert (newest.number, newest.created_by) == (2, user.id)
    assert newest.changes == {"added": ["GET /pets-3"], "removed": [], "changed": []}
    session.refresh(row)
    assert (row.title, row.number, row.operations_count) == ("Cats", 2, 3)
    assert numbers(session, row.id) == [2, 1]
    keys = [operation.key for operation in descriptions.all_operations(session, row.id)]
    assert keys == ["GET /pets-1", "GET /pets-2", "GET /pets-3"]
    assert len(descriptions.load(session, row.id).operations) == 3
    assert len(descriptions.contract(session, row.id)["operations"]) == 3


def test_the_document_of_each_version_is_found(session: Session) -> None:
    row = rows.description(session, 1)
    take(session, row.id, rows.document(2))
    take(session, row.id, rows.document(3))
    found = [versions.document(session, row.id, number) for number in (1, 2, 3)]
    assert found == [rows.document(number) for number in (1, 2, 3)]


def test_the_same_document_is_no_newer_version(session: Session) -> None:
    row = rows.description(session, 2)
    row.refusal = "It was away."
    before = row.checked_at
    assert take(session, row.id, rows.document(2)).number == 1
    assert numbers(session, row.id) == [1]
    assert row.refusal == ""
    assert row.checked_at >= before


def test_a_document_that_says_the_same_in_other_words_changes_no_operation(
    session: Session,
) -> None:
    row = rows.description(session, 2)
    spaced = json.dumps(json.loads(rows.document(2)), indent=2).encode()
    assert take(session, row.id, spaced).changes == NOTHING
    assert numbers(session, row.id) == [2, 1]


def test_what_is_not_there_is_not_found(session: Session) -> None:
    row = rows.description(session)
    with pytest.raises(NotFoundError):
        versions.list(session, new_id())
    with pytest.raises(NotFoundError, match="no such version"):
        versions.get(session, row.id, 2)


def test_an_upload_has_no_address_to_look_at(session: Session) -> None:
    row = rows.description(session)
    with pytest.raises(ConflictError, match="not fetched from an address"):
        versions.schedule(session, row.id, 1, NOW)


def fetched(session: Session, url: str = "http://api.test/openapi.json") -> ApiDescription:
    return descriptions.add(session, descriptions.read_bytes(rows.document(2), source_url=url))


def test_a_schedule_says_when_the_next_look_is_due(session: Session) -> None:
    row = fetched(session)
    versions.schedule(session, row.id, 6, NOW)
    assert (row.every_hours, row.due_at) == (6, NOW + dt.timedelta(hours=6))
    versions.schedule(session, row.id, None, NOW)
    assert (row.every_hours, row.due_at) == (None, None)


@pytest.mark.parametrize("hours", [0, -1, versions.MAX_HOURS + 1])
def test_hours_that_make_no_sense_are_refused(session: Session, hours: int) -> None:
    with pytest.raises(InvalidInputError):
        versions.schedule(session, fetched(session).id, hours, NOW)


def test_what_is_due_is_asked_for_once(session: Session) -> None:
    due, later = fetched(session), fetched(session)
    versions.schedule(session, due.id, 1, NOW - dt.timedelta(hours=1))
    versions.schedule(session, later.id, 1, NOW)
    assert versions.ask_for_due(session, NOW) == 1
    (message,) = outbox.take(session, 10)
    assert (message.type, message.key) == (topics.Task.REFRESH_DESCRIPTION, due.id)
    assert due.due_at == NOW + dt.timedelta(hours=1)
    assert versions.ask_for_due(session, NOW) == 0


def test_a_description_is_fetched_again(
    sessions: sessionmaker[Session], settings: Settings, source: Source
) -> None:
    with sessions.begin() as session:
        added = fetched(session, source.url)
    source.document = rows.document(3)
    versions.refresh(sessions, added.id, settings)
    with sessions() as session:
        assert numbers(session, added.id) == [2, 1]


def test_what_cannot_be_read_is_told_and_changes_nothing(
    sessions: sessionmaker[Session], settings: Settings, source: Source
) -> None:
    with sessions.begin() as session:
        added = fetched(session, source.url)
    source.document = b"<html>maintenance</html>"
    versions.refresh(sessions, added.id, settings)
    with sessions() as session:
        row = descriptions.get(session, added.id)
        assert "an HTML page" in row.refusal
        assert (row.number, row.operations_count) == (1, 2)
        assert numbers(session, added.id) == [1]
