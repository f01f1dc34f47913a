"""Generations with models, the models replaced: what is kept, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.ai.contributing import Asker, Reply
from app.ai.providers.provider import Answer, ProposedCheck, Question
from app.ai.validation.trial import Tried
from app.errors import UnavailableError
from app.models import Contribution
from app.services import cases, descriptions, generations, suites
from app.services.assistance import performing
from app.services.assistance.performing import Job
from app.settings import Settings
from tests.factories import rows

CHECK = ProposedCheck(
    "test_added",
    "It is.",
    "#/paths",
    'def test_added(api: Api) -> None:\n    assert api.get("/pets-1").status == 200\n',
)


@dataclass
class Assistant:
    """Answers with one check; `meanwhile` happens while it is asked."""

    meanwhile: Callable[[], None] = lambda: None
    refuses: bool = False
    asked: list[str] = field(default_factory=list)

    def desk(self, job: Job, alive: Callable[[], None]) -> Asker:
        self.asked.append(f"{job.provider}: {job.wish}")
        alive()
        return self

    def ask(self, question: Question) -> Reply:
        assert question.material
        self.meanwhile()
        return Reply("gemini", Answer((CHECK,)))

    def ready(self) -> None:
        if self.refuses:
            raise UnavailableError("The cage is too weak.")

    def trial(self, module: str, script: str, contract: str) -> Tried:
        assert module
        assert script
        assert contract
        return Tried()


@pytest.fixture
def suite_id(sessions: sessionmaker[Session], settings: Settings) -> str:
    with sessions.begin() as session:
        described = rows.description(session, 2)
        return suites.create(
            session, described.id, name="Pets", base_url=rows.BASE_URL, settings=settings
        ).id


def asked_for(
    sessions: sessionmaker[Session], suite_id: str, *, provider: str = "model", prompt: str = ""
) -> str:
    with sessions.begin() as session:
        return generations.request(session, suite_id, provider=provider, prompt=prompt).id


def added(sessions: sessionmaker[Session]) -> list[tuple[str, str, list[str], str]]:
    with sessions() as session:
        found = session.scalars(select(Contribution).order_by(Contribution.operation))
        return [(each.operation, each.provider, each.kept, each.reason) for each in found]


def test_each_operation_is_asked_for_and_kept(
    sessions: sessionmaker[Session], suite_id: str
) -> None:
    assistant = Assistant()
    generation_id = asked_for(sessions, suite_id, prompt="be strict")
    performing.perform(sessions, generation_id, lambda: assistant)
    performing.perform(sessions, generation_id, lambda: assistant)
    assert assistant.asked == ["model: be strict"] * 2
    assert added(sessions) == [
        ("GET /pets-1", "gemini", ["test_added"], ""),
        ("GET /pets-2", "gemini", ["test_added"], ""),
    ]
    with sessions() as session:
        assert generations.get(session, generation_id).status == "finished"
        scripts = [cases.get(session, each.id) for each in cases.list(session, suite_id).items]
    assert ["def test_added" in each.script for each in scripts] == [True, True]


def test_what_the_offline_writer_does_alone_needs_nobody(
    sessions: sessionmaker[Session], suite_id: str
) -> None:
    generation_id = asked_for(sessions, suite_id, provider="offline")
    performing.perform(sessions, generation_id, lambda: pytest.fail("nobody is needed"))
    assert added(sessions) == []


def test_a_cage_that_cannot_be_had_leaves_what_the_offline_writer_wrote(
    sessions: sessionmaker[Session], suite_id: str
) -> None:
    assistant = Assistant(refuses=True)
    performing.perform(sessions, asked_for(sessions, suite_id), lambda: assistant)
    reason = "checks of models cannot be tried: The cage is too weak."
    assert [each[1:] for each in added(sessions)] == [("offline", [], reason)] * 2
    assert assistant.asked == [], "nobody is paid for what cannot be tried"


def test_who_leaves_in_the_middle_of_an_operation_asks_no_further(
    sessions: sessionmaker[Session], suite_id: str
) -> None:
    """What was answered is kept by the question, so that who goes on finds it."""
    generation_id, answered = asked_for(sessions, suite_id), []
    assistant = Assistant(lambda: answered.append(1))
    with pytest.raises(UnavailableError, match="another one goes on"):
        performing.perform(sessions, generation_id, lambda: assistant, lambda: bool(answered))
    assert (len(answered), added(sessions)) == (1, [])


def test_who_leaves_has_another_go_on(sessions: sessionmaker[Session], suite_id: str) -> None:
    generation_id, assistant = asked_for(sessions, suite_id), Assistant()
    with pytest.raises(UnavailableError, match="another one goes on"):
        performing.perform(
            sessions, generation_id, lambda: assistant, lambda: bool(added(sessions))
        )
    assert (len(assistant.asked), len(added(sessions))) == (1, 1)
    performing.perform(sessions, generation_id, lambda: assistant)
    assert len(added(sessions)) == 2


def test_an_operation_that_is_gone_counts_as_failed(
    sessions: sessionmaker[Session], suite_id: str
) -> None:
    generation_id = asked_for(sessions, suite_id)
    with sessions.begin() as session:
        generations.get(session, generation_id).operations = ["GET /gone", "GET /pets-1"]
    performing.perform(sessions, generation_id, Assistant)
    with sessions() as session:
        done = generations.get(session, generation_id)
    assert (done.written, done.failed) == (1, 1)


def test_what_somebody_else_kept_meanwhile_stays(
    sessions: sessionmaker[Session], suite_id: str
) -> None:
    """As where a message comes twice: both work, the first to end is the one that counts."""
    generation_id = asked_for(sessions, suite_id)
    quick = Assistant()
    slow = Assistant(lambda: performing.perform(sessions, generation_id, lambda: quick))
    performing.perform(sessions, generation_id, lambda: slow)
    assert (len(slow.asked), len(quick.asked), len(added(sessions))) == (1, 2, 2)
    with sessions() as session:
        assert generations.get(session, generation_id).written == 2


def test_the_places_of_a_description_are_known(
    sessions: sessionmaker[Session], suite_id: str
) -> None:
    with sessions() as session:
        suite = suites.get(session, suite_id)
        places = descriptions.pointers(session, suite.api_description_id)
    assert places.lead_to("#/paths/~1pets-1/get/responses/200")
