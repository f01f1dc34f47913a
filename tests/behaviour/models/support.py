"""A suite, a generation of it, and models that are scripted: what the behaviour tests share."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.ai import offline
from app.models import Case, Contribution, Generation, ModelRequest
from app.services import descriptions, generations, suites
from app.services.assistance import ledger, performing
from app.services.assistance.desk import World
from app.services.assistance.ledger import Totals
from app.settings import Settings
from tasks import assistance
from tasks.assistance import CagedTrial, Generator

NOON = dt.datetime(2026, 3, 14, 12, tzinfo=dt.UTC)

#: Where the checks of the tests' models point to.
POINTER = "#/paths/~1pets/get/responses/200"


def document(operations: Sequence[str] = ("pets",), text: str = "") -> bytes:
    """A description with GET of each collection; `text` is what somebody wrote into it."""
    answer = {
        "200": {
            "description": text or "ok",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
        }
    }
    name = {"type": "string", "description": text}
    pet = {"type": "object", "properties": {"name": name}, "required": ["name"]}
    paths = {
        f"/{each}": {"get": {"summary": text or each, "responses": answer}} for each in operations
    }
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Pets", "version": "1"},
            "paths": paths,
            "components": {"schemas": {"Pet": pet}},
        }
    ).encode()


def check(
    name: str, *lines: str, pointer: str = POINTER, intent: str = "It does."
) -> tuple[str, str, str, str]:
    """A check as a model may write it."""
    body = "\n".join(f"    {line}" for line in lines)
    return (name, intent, pointer, f"def {name}(api: Api) -> None:\n{body}\n")


def good(name: str = "test_model_name", path: str = "/pets") -> tuple[str, str, str, str]:
    """A check that may stand."""
    return check(
        name,
        f'response = api.get("{path}")',
        "assert response.status == 200",
        'assert response.json()["name"]',
    )


@dataclass
class Time:
    """A clock that moves when somebody sleeps."""

    now: dt.datetime = NOON
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += dt.timedelta(seconds=seconds)

    def _seconds(self) -> float:
        return self.now.timestamp()

    @property
    def world(self) -> World:
        return World(lambda: self.now, self._seconds, self.sleep, float)


@dataclass
class Story:
    """What came of a generation."""

    generation: Generation
    cases: Sequence[Case]
    contributions: Mapping[str, Contribution]
    requests: Sequence[ModelRequest]
    totals: Totals

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        return [(each.provider, each.outcome) for each in self.requests]


@dataclass
class Workshop:
    """A database, the cage and a clock: has generations performed."""

    sessions: sessionmaker[Session]
    settings: Settings
    trial: CagedTrial
    time: Time = field(default_factory=Time)

    def suite(self, data: bytes) -> str:
        with self.sessions.begin() as session:
            described = descriptions.add(session, descriptions.read_bytes(data))
            return suites.create(
                session,
                described.id,
                name="Pets",
                base_url="http://api.test",
                settings=self.settings,
            ).id

    def generator(self, **changes: object) -> Generator:
        """What an installation with these settings has."""
        settings = self.settings.model_copy(update=changes)
        made = assistance.made(settings, self.sessions)
        return Generator(self.sessions, made.terms, made.staff, self.trial, self.time.world)

    def generate(
        self, suite_id: str, generator: Generator, *, provider: str = "model", prompt: str = ""
    ) -> Story:
        with self.sessions.begin() as session:
            asked = generations.request(session, suite_id, provider=provider, prompt=prompt)
        performing.perform(self.sessions, asked.id, lambda: generator)
        return self.story(asked.id)

    def story(self, generation_id: str) -> Story:
        with self.sessions() as session:
            row = generations.get(session, generation_id)
            cases = session.scalars(select(Case).where(Case.suite_id == row.suite_id))
            added = session.scalars(
                select(Contribution).where(Contribution.generation_id == generation_id)
            )
            requests = session.scalars(
                select(ModelRequest)
                .where(ModelRequest.generation_id == generation_id)
                .order_by(ModelRequest.asked_at)
            )
            return Story(
                row,
                cases.all(),
                {each.operation: each for each in added},
                requests.all(),
                ledger.totals(session, generation_id),
            )


def offline_script(data: bytes, key: str = "GET /pets") -> str:
    """What the offline writer alone writes."""
    description = descriptions.read_bytes(data).description
    operation = next(each for each in description.operations if each.key == key)
    return offline.write_case(description, operation).script


Performed = Callable[..., Story]
