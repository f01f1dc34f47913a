"""What the generator has at hand to have models asked: providers, the cage, the clock."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session, sessionmaker

from app.ai.providers import registry
from app.ai.validation.trial import Tried
from app.domain.budget import MICROS, Budget
from app.services import writers
from app.services.assistance.desk import Desk, Staff, Terms, World
from app.services.assistance.performing import Job
from app.settings import Settings
from worker import trying
from worker.cage.policy import Policy
from worker.cage.wish import Wish
from worker.engine import Engine
from worker.trying import Nonsense

#: Not for secrets: it keeps those who failed together from coming back together.
_CHANCE = random.Random()  # noqa: S311

WORLD = World(
    now=lambda: dt.datetime.now(dt.UTC),
    clock=time.monotonic,
    sleep=time.sleep,
    chance=_CHANCE.random,
)


class CagedTrial:
    """Tries checks in an engine of its own, which is started by the first and kept."""

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._owned = ExitStack()
        self._parts: tuple[Engine, Nonsense] | None = None

    def __call__(self, module: str, script: str, contract: str) -> Tried:
        """Try a module; raises UnavailableError where the cage is too weak."""
        engine, nonsense = self.ready()
        found = trying.tried(engine, nonsense.url, module, script, contract)
        return Tried(found.broken, found.problems)

    def ready(self) -> tuple[Engine, Nonsense]:
        """Start what is not started yet; raises UnavailableError where the cage is too weak."""
        with self._lock:
            self._parts = self._parts or self._started()
            return self._parts

    def _started(self) -> tuple[Engine, Nonsense]:
        engine = self._owned.enter_context(self._engine())
        return engine, self._owned.enter_context(Nonsense())

    def close(self) -> None:
        """End what was started."""
        self._owned.close()


@dataclass(frozen=True)
class Generator:
    """See `app.services.assistance.performing.Assistant`."""

    sessions: sessionmaker[Session]
    terms: Terms
    staff: Staff
    trial: CagedTrial
    world: World = field(default=WORLD)

    def ready(self) -> None:
        """Have the cage, where anybody can be asked; raises UnavailableError."""
        if self.staff.providers:
            self.trial.ready()

    def desk(self, job: Job, alive: Callable[[], None]) -> Desk:
        """Where models are asked for a job: all of them in their order, or the one it names."""
        any_model = job.provider == writers.ANY_MODEL
        staff = self.staff if any_model else self.staff.only(job.provider)
        return Desk(
            self.sessions, self.world, self.terms, staff, job.suite_id, job.generation_id, alive
        )


def made(
    settings: Settings,
    sessions: sessionmaker[Session],
    rest: Callable[[float], object] = time.sleep,
) -> Generator:
    """What an installation has; nothing is asked or started yet.

    `rest` waits between questions; it returns early where the process is to end.
    """
    found = registry.of(settings)
    terms = Terms(
        budget=Budget(
            tokens_per_month=settings.model_tokens_per_month,
            micros_per_month=int(settings.model_dollars_per_month * MICROS),
            requests_per_minute=settings.model_requests_per_minute,
        ),
        prices=found.prices,
        retries=settings.model_retries,
        output_tokens=settings.model_output_tokens,
        cache=dt.timedelta(days=settings.model_cache_days),
    )
    staff = Staff(found.providers, found.absent)
    wish = Wish(policy=Policy(settings.cage))
    return Generator(
        sessions, terms, staff, CagedTrial(lambda: Engine(cage=wish)), replace(WORLD, sleep=rest)
    )
