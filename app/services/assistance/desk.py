"""The desk at which models are asked: in their order, within the budget, with patience and memory.

Who does not answer is asked again after a pause, then the next one is, and at last nobody: then
what the offline writer wrote stands as it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlalchemy.orm import Session, sessionmaker

from app import metrics
from app.ai.contributing import NobodyError, Reply
from app.ai.providers.provider import Answer, ModelError, Provider, Question, Trouble, Usage
from app.domain import budget, retrying
from app.domain.breaker import Breaker
from app.domain.budget import Budget
from app.services.assistance import answers, ledger
from app.services.assistance.ledger import Entry

#: What people write has about so many bytes in a token.
_BYTES_IN_TOKEN = 4
_FREE = (Decimal(0), Decimal(0))
#: Nothing was answered, so nothing is paid.
_UNPAID = frozenset({Trouble.BUSY, Trouble.AWAY, Trouble.REFUSED, Trouble.UNSUITED})


@dataclass(frozen=True, slots=True)
class World:
    """What the desk has of the outside; all of it can be another one in a test."""

    now: Callable[[], dt.datetime]
    #: Seconds that only go forward.
    clock: Callable[[], float]
    #: May return early, where there is news that `Desk.alive` knows of.
    sleep: Callable[[float], object]
    #: In [0, 1).
    chance: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms models are asked."""

    budget: Budget
    #: Dollars for a million tokens in and out, by provider; those that are not here are free.
    prices: Mapping[str, tuple[Decimal, Decimal]]
    retries: int
    output_tokens: int
    cache: dt.timedelta


@dataclass(frozen=True)
class Staff:
    """Who may be asked, in their order; shared by all who ask in one process."""

    providers: Sequence[Provider]
    #: Name → why it cannot be asked.
    absent: Mapping[str, str] = field(default_factory=dict)
    breakers: dict[str, Breaker] = field(default_factory=dict)

    def breaker(self, name: str) -> Breaker:
        """The one of a provider."""
        return self.breakers.setdefault(name, Breaker())

    def only(self, name: str) -> Staff:
        """Nobody but one."""
        absent = {each: reason for each, reason in self.absent.items() if each == name}
        return Staff([each for each in self.providers if each.name == name], absent, self.breakers)


@dataclass(frozen=True, slots=True)
class _Request:
    """One that is in the ledger, under its id there."""

    id: str
    entry: Entry


class _SpentError(Exception):
    """The budget is spent."""


@dataclass(frozen=True)
class Desk:
    """Asks for one generation; see `app.ai.contributing.Asker`."""

    sessions: sessionmaker[Session]
    world: World
    terms: Terms
    staff: Staff
    suite_id: str
    generation_id: str
    #: Says that the generation is alive; raises where nobody is to be asked any more.
    alive: Callable[[], None]

    def ask(self, question: Question) -> Reply:
        """The first answer there is; blocks.

        Raises NobodyError, ModelError (unreadable), and what `alive` raises.
        """
        reasons = list(self.staff.absent.values())
        for provider in self.staff.providers:
            try:
                answer = self._kept(provider, question) or self._patiently(provider, question)
                return Reply(provider.name, answer, tuple(reasons))
            except ModelError as error:
                reasons.append(str(error))
                if error.trouble is Trouble.UNREADABLE:
                    raise
            except _SpentError as error:
                raise NobodyError(str(error)) from error
        raise NobodyError("; ".join(reasons) or "no such model is set up")

    def _kept(self, provider: Provider, question: Question) -> Answer | None:
        """The answer to the same question, where it is kept."""
        since = self.world.now() - self.terms.cache
        with self.sessions.begin() as session:
            checks = answers.find(session, answers.digest(provider, question), since)
        if checks is None:
            return None
        metrics.MODEL_REQUESTS.labels(provider.name, "kept").inc()
        return Answer(checks)

    def _patiently(self, provider: Provider, question: Question) -> Answer:
        """An answer, after some attempts where it takes them."""
        breaker = self.staff.breaker(provider.name)
        if not breaker.lets_pass(self.world.clock()):
            raise ModelError(Trouble.RESTING, breaker.reason).of(provider.name)
        attempts = 0
        while True:
            attempts += 1
            try:
                answer = self._in_turn(provider, question)
            except ModelError as error:
                pause = self._pause(error, attempts)
                if pause is None:
                    if error.trouble is not Trouble.UNSUITED:
                        breaker.failed(self.world.clock(), str(error))
                    raise error.of(provider.name) from error
                self._rest(pause)
            else:
                breaker.succeeded()
                return answer

    def _pause(self, error: ModelError, attempts: int) -> float | None:
        if not error.trouble.may_pass:
            return None
        asked, chance = error.retry_after_seconds, self.world.chance()
        return retrying.pause(attempts, self.terms.retries, asked, chance)

    def _in_turn(self, provider: Provider, question: Question) -> Answer:
        """Ask once the budget has room; one at a time for the suite, or it could be overrun."""
        while True:
            with ledger.turn(self.sessions, self.suite_id, self._rest):
                wait = self._wait()
                if not wait:
                    # Who had the turn before may have asked the same.
                    return self._kept(provider, question) or self._ask(provider, question)
            self._rest(wait)

    def _wait(self) -> float:
        """How long the rate has no room; raises _SpentError."""
        with self.sessions.begin() as session:
            spent = ledger.spent(session, self.suite_id, self.world.now())
        if reason := budget.objection(self.terms.budget, spent):
            raise _SpentError(reason)
        return budget.pause_seconds(self.terms.budget, spent)

    def _ask(self, provider: Provider, question: Question) -> Answer:
        self.alive()
        request = self._noted(provider, question)
        try:
            answer = provider.ask(question)
        except ModelError as error:
            self._settle(request, self._taken(error, question), error.trouble.name.lower())
            raise
        answer = replace(answer, usage=self._said(answer.usage, question))
        self._settle(request, answer.usage, "answered")
        self._keep(provider, question, answer)
        return answer

    def _noted(self, provider: Provider, question: Question) -> _Request:
        """Have a request in the ledger."""
        most = Usage(question.size, self.terms.output_tokens)
        price = self.terms.prices.get(provider.name, _FREE)
        entry = Entry(self.suite_id, self.generation_id, provider.name, provider.model, most, price)
        with self.sessions.begin() as session:
            return _Request(ledger.note(session, entry, self.world.now()), entry)

    def _settle(self, request: _Request, usage: Usage, outcome: str) -> None:
        with self.sessions.begin() as session:
            ledger.settle(session, request.id, request.entry, usage, outcome)
        _measure(request.entry, usage, outcome)

    def _keep(self, provider: Provider, question: Question, answer: Answer) -> None:
        key, now = answers.digest(provider, question), self.world.now()
        with self.sessions.begin() as session:
            answers.keep(session, key, answer.checks, now, now - self.terms.cache)

    def _taken(self, error: ModelError, question: Question) -> Usage:
        """What a question took that was not answered well."""
        return error.usage if error.trouble in _UNPAID else self._said(error.usage, question)

    def _said(self, usage: Usage, question: Question) -> Usage:
        """What a vendor says that it took; where it says nothing, what is likely."""
        if usage.tokens:
            return usage
        return Usage(question.size // _BYTES_IN_TOKEN, self.terms.output_tokens)

    def _rest(self, seconds: float) -> None:
        self.alive()
        self.world.sleep(seconds)


def _measure(entry: Entry, usage: Usage, outcome: str) -> None:
    metrics.MODEL_REQUESTS.labels(entry.provider, outcome).inc()
    metrics.MODEL_TOKENS.labels(entry.provider).inc(usage.tokens)
    metrics.MODEL_DOLLARS.labels(entry.provider).inc(entry.cost(usage) / budget.MICROS)
