import re

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.services import generations, paging
from app.settings import Settings
from tests.factories import rows, written_by_models
from tests.reader_fixtures import Reader, words


@pytest.fixture
def generation_id(sessions: sessionmaker[Session], settings: Settings) -> str:
    with sessions.begin() as session:
        return written_by_models.generation(session, settings).id


def test_a_generation_tells_who_wrote_what_and_what_it_cost(
    reader: Reader, generation_id: str
) -> None:
    answer = reader.get(f"/generations/{generation_id}")
    said = words(answer)
    for told in (
        "Checks added 2, 1 of them repaired",
        "Checks dropped 1",
        "Questions to models 1",
        "1000 in, 200 out",
        "Cost $0.0014",
        "Instruction mind the names",
        "test_two repaired",
        "Fell back: gemini is away (500)",
        "test_wrong It sends no request <b>at all</b>.",
    ):
        assert told in said
    assert "<b>at all</b>" not in answer.text


def test_its_operations_come_in_pages(
    reader: Reader, generation_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MAX_LIMIT", 1)
    first = reader.get(f"/generations/{generation_id}")
    more = re.search(rf'hx-get="(/generations/{generation_id}/contributions[^"]+)"', first.text)
    assert more
    rest = words(reader.get(more[1].replace("&amp;", "&"), htmx=True))
    assert ("/pets-2" in rest, "/pets-1" in rest) == (True, False)


def test_a_generation_without_models_says_so(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        offline = generations.request(session, rows.suite(session, settings).id)
    assert "No model had a part in it" in words(reader.get(f"/generations/{offline.id}"))
    assert reader.get(f"/generations/{rows.NOWHERE}").status_code == 404


def test_the_suite_leads_to_what_models_added(
    reader: Reader, sessions: sessionmaker[Session], generation_id: str
) -> None:
    with sessions() as session:
        suite_id = generations.get(session, generation_id).suite_id
    assert f'href="/generations/{generation_id}"' in reader.get(f"/suites/{suite_id}").text
