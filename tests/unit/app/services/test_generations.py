from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.errors import DescriptionError, InvalidInputError, NotFoundError, UnavailableError
from app.messages.events import GenerationFinished, read
from app.models import Case, Suite
from app.models.base import new_id
from app.openapi.model import ApiDescription, Operation
from app.services import (
    cases,
    descriptions,
    generations,
    merges,
    outbox,
    revisions,
    suites,
    writers,
)
from app.settings import Settings
from tests.factories import rows


def suite_of(session: Session, settings: Settings, operations: int) -> Suite:
    """A suite without cases."""
    description = rows.description(session, operations)
    return suites.create(
        session, description.id, name="Pets", base_url=rows.BASE_URL, settings=settings
    )


def advance_to_end(session: Session, generation_id: str) -> int:
    steps = 1
    while generations.advance(session, generation_id):
        steps += 1
    return steps


def finished_events(session: Session) -> list[object]:
    return [
        read(message.type, message.body)
        for message in outbox.take(session, 100)
        if message.kind == outbox.EVENT
    ]


def test_a_generation_is_asked_for_in_the_transaction_that_records_it(
    session: Session, policy: Settings
) -> None:
    suite = suite_of(session, policy, 2)
    generation = generations.request(session, suite.id, prompt="be strict\x00")
    [message] = outbox.take(session, 10)
    assert message.message_id == f"generation-{generation.id}"
    assert (generation.status, generation.total, generation.written) == ("queued", 2, 0)
    assert generation.operations == ["GET /pets-1", "GET /pets-2"]
    assert generations.get(session, generation.id) is generation
    assert list(generations.list(session, suite.id).items) == [generation]


def test_only_missing_cases_can_be_asked_for(session: Session, policy: Settings) -> None:
    suite = suite_of(session, policy, 3)
    rows.case(session, suite, "GET /pets-2")
    generation = generations.request(session, suite.id, scope="missing")
    assert generation.operations == ["GET /pets-1", "GET /pets-3"]


def test_operations_can_be_chosen(session: Session, policy: Settings) -> None:
    suite = suite_of(session, policy, 3)
    known = descriptions.all_operations(session, suite.api_description_id)
    chosen = [known[2].id, known[0].id]
    generation = generations.request(session, suite.id, scope="chosen", operation_ids=chosen)
    assert generation.operations == ["GET /pets-1", "GET /pets-3"]


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"provider": "nobody"}, "provider"),
        ({"scope": "some"}, "operations"),
        ({"scope": "chosen"}, "operations"),
        ({"scope": "chosen", "operation_ids": ["nope"]}, "operations"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    session: Session, policy: Settings, asked: dict[str, Any], where: str
) -> None:
    suite = suite_of(session, policy, 1)
    with pytest.raises(InvalidInputError) as caught:
        generations.request(session, suite.id, **asked)
    assert caught.value.where == where
    assert outbox.waiting_by_lane(session) == {}


def test_a_generation_writes_a_case_for_each_operation(session: Session, policy: Settings) -> None:
    suite = suite_of(session, policy, 3)
    generation = generations.request(session, suite.id)
    assert advance_to_end(session, generation.id) == 1
    assert (generation.status, generation.written, generation.failed) == ("finished", 3, 0)
    listed = cases.list(session, suite.id).items
    assert [case.operation for case in listed] == ["GET /pets-1", "GET /pets-2", "GET /pets-3"]
    for case in listed:
        compile(case.script, case.module, "exec")
    assert finished_events(session) == [
        GenerationFinished(generation.id, suite.id, written=3, failed=0)
    ]


def test_a_generation_goes_in_batches_and_shows_its_progress(
    session: Session, policy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "BATCH", 2)
    generation = generations.request(session, suite_of(session, policy, 5).id)
    assert generations.advance(session, generation.id)
    assert (generation.status, generation.written) == ("running", 2)
    assert advance_to_end(session, generation.id) == 2
    assert generation.written == 5


def test_a_generation_of_nothing_ends_at_once(session: Session, policy: Settings) -> None:
    suite = suite_of(session, policy, 1)
    rows.case(session, suite, "GET /pets-1")
    generation = generations.request(session, suite.id, scope="missing")
    assert not generations.advance(session, generation.id)
    assert (generation.status, generation.total) == ("finished", 0)


def test_a_finished_generation_is_not_done_again(session: Session, policy: Settings) -> None:
    suite = suite_of(session, policy, 1)
    generation = generations.request(session, suite.id)
    advance_to_end(session, generation.id)
    assert not generations.advance(session, generation.id)
    assert len(finished_events(session)) == 1


def test_a_generation_may_be_performed_twice(
    sessions: sessionmaker[Session], policy: Settings
) -> None:
    with sessions.begin() as session:
        suite = suite_of(session, policy, 3)
        generation = generations.request(session, suite.id)
    generations.perform(sessions, generation.id)
    generations.perform(sessions, generation.id)
    with sessions.begin() as session:
        assert generations.get(session, generation.id).written == 3
        assert session.query(Case).count() == 3
        assert len(finished_events(session)) == 1


def test_what_is_not_there_is_not_found(sessions: sessionmaker[Session]) -> None:
    with pytest.raises(NotFoundError):
        generations.perform(sessions, new_id())


class Failing:
    """A provider that writes one case and then fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(
        self, description: ApiDescription, operations: Sequence[Operation]
    ) -> Iterator[writers.Written]:
        yield from writers.PROVIDERS["offline"](description, operations[:1])
        raise self.error


def provide(monkeypatch: pytest.MonkeyPatch, writer: writers.Writer) -> None:
    providers = {**writers.PROVIDERS, "failing": writer}
    monkeypatch.setattr(writers, "PROVIDERS", MappingProxyType(providers))


def test_what_a_provider_cannot_write_is_counted_and_said(
    session: Session, policy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    provide(monkeypatch, Failing(DescriptionError("No sense.", where="#/paths")))
    generation = generations.request(session, suite_of(session, policy, 2).id, provider="failing")
    advance_to_end(session, generation.id)
    assert (generation.status, generation.written, generation.failed) == ("finished", 0, 2)
    assert generation.message == "No sense. (at #/paths)"


def test_a_provider_that_is_away_may_come_back(
    session: Session, policy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task fails, and its message is delivered again."""
    provide(monkeypatch, Failing(UnavailableError("Busy.")))
    generation = generations.request(session, suite_of(session, policy, 2).id, provider="failing")
    with pytest.raises(UnavailableError):
        generations.advance(session, generation.id)


def test_an_operation_that_is_gone_counts_as_failed(session: Session, policy: Settings) -> None:
    generation = generations.request(session, suite_of(session, policy, 2).id)
    generation.operations = ["GET /pets-1", "GET /gone"]
    advance_to_end(session, generation.id)
    assert (generation.written, generation.failed) == (1, 1)


def test_a_generation_archives_the_cases_of_gone_operations(
    session: Session, policy: Settings
) -> None:
    suite = suite_of(session, policy, 1)
    gone = rows.case(session, suite, "GET /gone")
    generation = generations.request(session, suite.id)
    advance_to_end(session, generation.id)
    session.refresh(gone)
    assert gone.archived_at is not None


def test_a_generation_says_how_many_cases_wait_for_a_choice(
    session: Session, policy: Settings
) -> None:
    suite = suite_of(session, policy, 1)
    advance_to_end(session, generations.request(session, suite.id).id)
    [case] = cases.list(session, suite.id).items
    written = case.generated_script
    check = "def test_documented_success(api: Api) -> None:\n"
    cases.save(session, case.id, written.replace(check, f"{check}    # Mine.\n"))
    case.generated_script = written.replace(check, f"{check}    # As it was.\n")
    again = generations.request(session, suite.id)
    advance_to_end(session, again.id)
    assert "# Mine." in case.script
    assert again.message == "1 case waits for you to choose what is taken over."


def test_a_reviewed_generation_changes_nothing_and_tells_who_wanted_what(
    session: Session, policy: Settings
) -> None:
    suite = suite_of(session, policy, 2)
    user = rows.user(session)
    first, second = (rows.case(session, suite, f"GET /pets-{number}") for number in (1, 2))
    reviewed = generations.request(
        session, suite.id, prompt="Be brief.", is_reviewed=True, user_id=user.id
    )
    advance_to_end(session, reviewed.id)
    assert reviewed.message == "2 cases wait for you to choose what is taken over."
    assert (first.script, second.script) == (rows.SCRIPT, rows.SCRIPT)
    generations.request(session, suite.id, prompt="Not begun.")
    merges.settle(session, second.id, {}, user_id=user.id)
    taken = revisions.list(session, second.id).items[0]
    assert (taken.origin, taken.created_by) == ("settled", user.id)
    assert taken.reason.endswith("Written by the provider offline. Instruction: Be brief.")
    at_once = generations.request(session, suite.id, prompt="Be brief.", user_id=user.id)
    advance_to_end(session, at_once.id)
    newest = revisions.list(session, first.id).items[0]
    assert newest.created_by == user.id
    assert newest.reason.endswith(" Instruction: Be brief.")
