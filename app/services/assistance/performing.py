"""Performs a generation that models take part in: one operation after the other.

No transaction waits for a model. An operation is begun in one and kept in another; where somebody
else kept it in between, what was asked in vain is dropped, and the answers were kept for the next
time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import func, update
from sqlalchemy.orm import Session, sessionmaker

from app import metrics
from app.ai import contributing, formatting, offline
from app.ai.composing import OfflineModule
from app.ai.contributing import Asker, Contribution
from app.ai.offline import WrittenCase
from app.ai.prompts.asking import Subject
from app.ai.validation.judging import Judge
from app.ai.validation.trial import Trial, Tried
from app.domain.outcomes import Status
from app.errors import PlatformError, UnavailableError
from app.models import contribution
from app.models.generation import Generation
from app.openapi.model import ApiDescription, Operation
from app.openapi.pointing import Pointers
from app.services import descriptions, generations, lookup, suites, writers
from app.services.text import storable, storable_json
from testops import contract

#: Who wrote a case that no model added to.
OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Job:
    """The next operation of a generation."""

    generation_id: str
    suite_id: str
    provider: str
    wish: str
    #: How many operations were dealt with before it.
    done: int
    description: ApiDescription
    #: None where the description no longer has it.
    operation: Operation | None
    pointers: Pointers
    #: JSON text of what the operation's answers are held against.
    contract: str


class Assistant(Protocol):
    """What the generator has at hand to have models asked."""

    @property
    def trial(self) -> Trial:
        """The cage in which checks are tried."""
        ...

    def ready(self) -> None:
        """Have the cage, before anything is paid for; raises UnavailableError."""
        ...

    def desk(self, job: Job, alive: Callable[[], None]) -> Asker:
        """Where models are asked for a job.

        `alive` is called while that goes on; what it raises ends it.
        """
        ...


class _LeavingError(UnavailableError):
    """This process is to end."""


def _never() -> bool:
    return False


def perform(
    sessions: sessionmaker[Session],
    generation_id: str,
    assistant: Callable[[], Assistant],
    leaving: Callable[[], bool] = _never,
) -> None:
    """Write what a generation asks for, with models where it asks for them.

    As `generations.perform`, which it leaves to do what the offline writer does alone. Once
    `leaving` says yes nothing further is asked: UnavailableError has another process go on, which
    finds kept what was answered to this one.
    """
    with sessions.begin() as session:
        provider = generations.get(session, generation_id).provider
    if provider in writers.PROVIDERS:
        generations.perform(sessions, generation_id)
        return
    while job := _begin(sessions, generation_id):
        _write(sessions, job, assistant(), _alive(sessions, job, leaving))


def _begin(sessions: sessionmaker[Session], generation_id: str) -> Job | None:
    """The next job; None where nothing is left, and then the generation has ended."""
    with sessions.begin() as session:
        generation = lookup.row(session, Generation, generation_id, lock=True)
        if Status(generation.status).is_final:
            return None
        generation.status = Status.RUNNING
        generation.heard_at = func.now()
        done = generation.written + generation.failed
        if done >= generation.total:
            generations.complete(session, generation)
            return None
        return _job(session, generation, done)


def _job(session: Session, generation: Generation, done: int) -> Job:
    suite = suites.get(session, generation.suite_id)
    description = descriptions.load(session, suite.api_description_id)
    key = generation.operations[done]
    operation = next((each for each in description.operations if storable(each.key) == key), None)
    whole = descriptions.contract(session, suite.api_description_id)
    return Job(
        generation_id=generation.id,
        suite_id=suite.id,
        provider=generation.provider,
        wish=generation.prompt,
        done=done,
        description=description,
        operation=operation,
        pointers=descriptions.pointers(session, suite.api_description_id),
        contract=json.dumps(contract.cut(whole, [operation.key] if operation else [])),
    )


def _alive(
    sessions: sessionmaker[Session], job: Job, leaving: Callable[[], bool]
) -> Callable[[], None]:
    """What is to be called while models are asked; raises where this process is to end."""

    def alive() -> None:
        if leaving():
            raise _LeavingError("This generator ends; another one goes on.")
        _hear(sessions, job)

    return alive


def _write(
    sessions: sessionmaker[Session], job: Job, assistant: Assistant, alive: Callable[[], None]
) -> None:
    alive()
    written, found = None, Contribution()
    if job.operation:
        written = offline.write_case(job.description, job.operation)
        module = OfflineModule(written.script)
        subject = Subject(job.description, job.operation, module, job.wish)
        found = _contribution(job, subject, written.module, assistant, alive)
        written = _with_checks(written, found)
    with sessions.begin() as session:
        _keep(session, job, written, found)


def _contribution(
    job: Job, subject: Subject, name: str, assistant: Assistant, alive: Callable[[], None]
) -> Contribution:
    """What models add to a case; where that cannot be judged, nothing, and why."""

    def trial(module: str, script: str, contract: str) -> Tried:
        alive()
        return assistant.trial(module, script, contract)

    judge = Judge(name, subject.module, job.contract, job.pointers.lead_to, trial)
    try:
        assistant.ready()
        return contributing.contribute(subject, judge, assistant.desk(job, alive))
    except _LeavingError:
        raise
    except PlatformError as error:
        return Contribution(stopped=f"checks of models cannot be tried: {error}")


def _with_checks(written: WrittenCase, found: Contribution) -> WrittenCase:
    if not found.kept:
        return written
    source = OfflineModule(written.script).with_checks(found.kept)
    return replace(written, script=formatting.formatted({written.module: source})[written.module])


def _hear(sessions: sessionmaker[Session], job: Job) -> None:
    """Have the reaper know that somebody works on it."""
    with sessions.begin() as session:
        row = update(Generation).where(Generation.id == job.generation_id)
        session.execute(row.values(heard_at=func.now()))


def _keep(session: Session, job: Job, written: WrittenCase | None, found: Contribution) -> None:
    """Keep what was written, unless somebody else did so before."""
    generation = lookup.row(session, Generation, job.generation_id, lock=True)
    done = generation.written + generation.failed
    if Status(generation.status).is_final or done != job.done:
        return
    generation.heard_at = func.now()
    if written is None:
        generation.failed += 1
        return
    generation.written += 1
    authors = found.providers or [OFFLINE]
    generations.keep(session, generation, written, authors[0])
    session.add(
        contribution.Contribution(
            generation_id=job.generation_id,
            operation=storable(written.operation),
            provider=", ".join(authors),
            kept=[check.name for check in found.kept],
            repaired=list(found.repaired),
            dropped=storable_json(
                [
                    {"name": name[:200], "problems": [each[:1000] for each in rejected.problems]}
                    for name, rejected in found.dropped.items()
                ]
            ),
            reason=storable(found.reason, 2000),
        )
    )
    _measure(found)


def _measure(found: Contribution) -> None:
    counts = {
        "kept": len(found.kept) - len(found.repaired),
        "repaired": len(found.repaired),
        "dropped": len(found.dropped),
    }
    for outcome, count in counts.items():
        metrics.MODEL_CHECKS.labels(outcome).inc(count)
