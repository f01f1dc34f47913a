"""Rows for tests, with what they need beneath them; every value has a default."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import func
from sqlalchemy.orm import Session

from app.domain.news import Kind as NewsKind
from app.domain.outcomes import Outcome
from app.domain.results import CaseFinished, CheckFinished, Event
from app.domain.strength import CaseSummary, Change, CheckSummary, Duty, Fate, Kind, Trial
from app.messages.events import Reported
from app.models import ApiDescription, Case, Channel, Run, RunCase, Suite, User
from app.models.base import new_id
from app.services import channels, descriptions, results, runs, suites
from app.services.dead_letters import Letter
from app.settings import Settings

Row = TypeVar("Row", User, Case)

_numbers = itertools.count(1)

BASE_URL = "http://api.test"
NO_HEADERS = MappingProxyType[str, str]({})

#: An identifier that no row has; always the same, so that it can stand in a test's name.
NOWHERE = "00000000-0000-4000-8000-000000000000"

SCRIPT = "def test_it_answers(api):\n    assert api\n"


#: Of two checks one notices nothing.
SURVIVOR = Trial(
    Change(Kind.DROPPED, 0, "GET http://api.test/pets-1", "/body/name", "name is not there"),
    Duty("the body does not fit its schema", "#/paths/~1pets-1/get"),
    Fate.SURVIVED,
    Outcome.PASSED,
)
STRENGTH = CaseSummary(
    noticed=6,
    survived=2,
    vacuous=1,
    remark="",
    checks=(
        CheckSummary("test_0", 6, 0, 1, 3, "", is_vacuous=False, survivors=()),
        CheckSummary("test_1", 0, 2, 0, 0, "", is_vacuous=True, survivors=(SURVIVOR,)),
    ),
)


def now() -> dt.datetime:
    """The moment, as the database's clock has it too."""
    return dt.datetime.now(dt.UTC)


def document(operations: int = 3, *, title: str = "Pets") -> bytes:
    """An OpenAPI document with so many operations: GET /pets-1, GET /pets-2 and so on."""
    answer = {"200": {"description": "ok"}}
    paths = {
        f"/pets-{number}": {"get": {"responses": answer}} for number in range(1, operations + 1)
    }
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": title, "version": "1.0"},
            "servers": [{"url": BASE_URL}],
            "paths": paths,
        }
    ).encode()


def user(session: Session, **values: object) -> User:
    """A user who cannot sign in, since the hash is none."""
    made = User(email=f"user{next(_numbers)}@example.com", name="Ada", password_hash="none")
    return _added(session, made, values)


def description(session: Session, operations: int = 3) -> ApiDescription:
    """An API description with so many operations."""
    return descriptions.add(session, descriptions.read_bytes(document(operations)))


def suite(
    session: Session,
    settings: Settings,
    *,
    cases: int = 3,
    headers: MappingProxyType[str, str] = NO_HEADERS,
) -> Suite:
    """A suite with so many cases, one for each operation of its API description."""
    described = description(session, cases)
    made = suites.create(
        session,
        described.id,
        name=f"Suite {next(_numbers)}",
        base_url=BASE_URL,
        headers=headers,
        settings=settings,
    )
    for operation in descriptions.all_operations(session, described.id):
        case(session, made, operation.key)
    return made


def case(session: Session, of: Suite, operation: str, **values: object) -> Case:
    """A case of a suite."""
    made = Case(
        suite_id=of.id,
        operation=operation,
        module=f"test_case_{next(_numbers)}.py",
        script=SCRIPT,
        generated_script=SCRIPT,
        notes=[],
        provider="offline",
        updated_at=func.now(),
    )
    return _added(session, made, values)


def run(session: Session, settings: Settings, *, cases: int = 3) -> Run:
    """A run of a new suite with so many cases; nothing was heard of it yet."""
    return runs.start(session, suite(session, settings, cases=cases).id, settings=settings)


def case_ids(session: Session, run_id: str) -> Sequence[str]:
    """The cases of a run in the order of their operations."""
    return [found.case_id for found in runs.cases_of(session, run_id)]


def run_case(session: Session, run_id: str, case_id: str) -> RunCase:
    """How far a case of a run is, read anew."""
    session.flush()
    found = session.get(RunCase, (run_id, case_id), populate_existing=True)
    assert found is not None
    return found


def reported(run_id: str, event: Event, *, shard: int = 0, attempt: int = 1) -> Reported:
    """What a runner reports."""
    return Reported(run_id, shard, attempt, event)


def finished_case(
    run_id: str, case_id: str, *outcomes: Outcome, shard: int = 0, attempt: int = 1
) -> list[Reported]:
    """Reports of a case with a check for each outcome ("test_0", …), from start to end."""
    events: list[Event] = [
        CheckFinished(case_id, f"test_{number}", outcome) for number, outcome in enumerate(outcomes)
    ]
    worst = next((one for one in outcomes if one != Outcome.PASSED), Outcome.PASSED)
    events.append(CaseFinished(case_id, worst))
    return [reported(run_id, event, shard=shard, attempt=attempt) for event in events]


def measured(session: Session, of: Suite, settings: Settings, strength: CaseSummary) -> Run:
    """A run of a suite that has measured how strong its cases are: each the same."""
    made = runs.start(session, of.id, settings=settings, changes=12)
    for case_id in case_ids(session, made.id):
        end = CaseFinished(case_id, Outcome.PASSED, strength=strength)
        results.apply(session, [reported(made.id, end)])
    return made


def channel(
    session: Session,
    of: Suite,
    settings: Settings,
    *rules: NewsKind,
    place: str = "https://hooks.test/in",
    digest_hours: int = 0,
) -> Channel:
    """A webhook of a suite, told of each end of a run where no rules are named."""
    return channels.add(
        session,
        of.id,
        name=f"Channel {next(_numbers)}",
        service="webhook",
        place=place,
        rules=rules or (NewsKind.FINISH,),
        digest_hours=digest_hours,
        settings=settings,
    )


def finished_run(session: Session, of: Suite, settings: Settings, *outcomes: Outcome) -> Run:
    """A run of a suite of one case, with a check for each outcome."""
    made = runs.start(session, of.id, settings=settings)
    [case_id] = case_ids(session, made.id)
    results.apply(session, finished_case(made.id, case_id, *outcomes))
    session.flush()
    session.refresh(made)
    # In a test's one transaction all runs end at the same moment.
    made.finished_at = dt.datetime.now(dt.UTC)
    session.flush()
    return made


def letter(**values: object) -> Letter:
    """A dead letter as it comes from its topic; each lay somewhere else."""
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    usual: dict[str, object] = {
        "topic": "test_results",
        "partition": 0,
        "offset": next(_numbers),
        "written_at": moment,
        "died_at": moment,
        "reason": "Unknown event type 'x'.",
        "count": 1,
        "key": b"run-1",
        "body": b"{}",
        "headers": (("ce_type", b"x"),),
    }
    return Letter(**(usual | values))  # type: ignore[arg-type]  # any field


def _added(session: Session, made: Row, values: Mapping[str, object]) -> Row:
    made.id = new_id()
    for name, value in values.items():
        setattr(made, name, value)
    session.add(made)
    session.flush()
    return made
