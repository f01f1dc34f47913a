"""The generator's tasks on a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from celery.exceptions import Reject
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Status
from app.errors import NotFoundError
from app.services import cases, descriptions, generations
from app.services.assistance import contributions
from app.settings import Settings
from tasks import generation
from tests.factories import rows
from tests.processes import SECRET


@pytest.fixture(autouse=True)
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TESTOPS_SECRET_KEY", SECRET)
    monkeypatch.setenv("TESTOPS_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setattr(generation.write_cases, "pause_seconds", 0.0)
    generation._sessions.cache_clear()
    # Celery's signals reach everything that is imported: another test may have had one sent.
    generation._leaving.clear()
    yield
    if generation._sessions.cache_info().currsize:
        generation._sessions().kw["bind"].dispose()
    generation._sessions.cache_clear()


def test_it_writes_the_cases_of_a_generation(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=2)
        asked = generations.request(session, suite.id)
    generation.write_cases(generation_id=asked.id)
    generation.write_cases(generation_id=asked.id)
    with sessions() as session:
        done = generations.get(session, asked.id)
        assert len(cases.list(session, suite.id).items) == 2
    assert (done.status, done.written, done.failed) == (Status.FINISHED, 2, 0)


def test_models_that_are_not_set_up_leave_what_the_offline_writer_wrote(
    sessions: sessionmaker[Session], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTOPS_MODEL_PROVIDERS", "gemini")
    generation._made.cache_clear()
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=2)
        asked = generations.request(session, suite.id, provider="model")
    generation.write_cases(generation_id=asked.id)
    generation._made.cache_clear()
    with sessions() as session:
        done = generations.get(session, asked.id)
        added = contributions.list(session, asked.id).items
    assert (done.status, done.written, done.failed) == (Status.FINISHED, 2, 0)
    assert {each.reason for each in added} == {"gemini needs TESTOPS_GEMINI_API_KEY"}


def test_a_generator_that_is_asked_to_leave_puts_the_message_back(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=2)
        asked = generations.request(session, suite.id, provider="model")
    generation._leave()
    try:
        with pytest.raises(Reject) as caught:
            generation.write_cases(generation_id=asked.id)
    finally:
        generation._leaving.clear()
        generation._close()
    assert caught.value.requeue is True


def test_it_fetches_a_description_again(
    sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its address is on the own network, which the settings do not allow: that is recorded."""
    monkeypatch.delenv("TESTOPS_ALLOWED_PRIVATE_HOSTS", raising=False)
    reading = descriptions.read_bytes(rows.document(), source_url="http://127.0.0.1:1/x")
    with sessions.begin() as session:
        added = descriptions.add(session, reading)
    generation.refresh_description(api_description_id=added.id)
    with sessions() as session:
        assert "must not be asked" in descriptions.get(session, added.id).refusal


def test_a_generation_that_is_gone_is_a_lasting_error() -> None:
    with pytest.raises(NotFoundError):
        generation.write_cases(generation_id="none")


def test_a_database_that_is_away_puts_the_message_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTOPS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Reject) as caught:
        generation.write_cases(generation_id="00000000-0000-4000-8000-000000000000")
    assert caught.value.requeue is True
