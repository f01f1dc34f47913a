import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.settings import Settings
from tests.factories import rows, written_by_models
from tests.web_fixtures import Api


@pytest.fixture
def generation_id(sessions: sessionmaker[Session], settings: Settings) -> str:
    with sessions.begin() as session:
        return written_by_models.generation(session, settings).id


def test_a_generation_tells_what_models_took(api: Api, generation_id: str) -> None:
    found = api.get(f"/generations/{generation_id}").json
    assert found is not None
    assert (found["id"], found["provider"]) == (generation_id, "model")
    assert found["assistance"] == {
        "requests": 1,
        "input_tokens": 1000,
        "output_tokens": 200,
        "dollars": 0.0014,
        "kept": 2,
        "repaired": 1,
        "dropped": 1,
    }


def test_it_tells_what_was_added_to_each_operation(api: Api, generation_id: str) -> None:
    found = api.get(f"/generations/{generation_id}/contributions").json
    assert found is not None
    first, second = found["items"]
    assert (first["provider"], first["kept"]) == ("gemini", ["test_one", "test_two"])
    assert first["dropped"][0]["name"] == "test_wrong"
    assert (second["provider"], second["reason"]) == ("offline", "gemini is away (500)")
    assert api.get(f"/generations/{rows.NOWHERE}/contributions").status_code == 404
