"""Who is asked, how often, at what cost, and what is said when nobody answers."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.ai.contributing import NobodyError
from app.ai.providers.provider import (
    Answer,
    ModelError,
    ProposedCheck,
    Provider,
    Question,
    Trouble,
    Usage,
)
from app.domain.breaker import FAILURES, PAUSE_SECONDS
from app.domain.budget import Budget
from app.errors import UnavailableError
from app.models import ModelRequest
from app.services import generations
from app.services.assistance import ledger
from app.services.assistance.desk import Desk, Staff, Terms, World
from app.settings import Settings
from tests.factories import rows

QUESTION = Question("What to do.", "About what.")
CHECK = ProposedCheck("test_a", "It.", "#/", "code")
GOOD = Answer((CHECK,), Usage(100, 20))


@dataclass
class Scripted:
    """A provider that gives what it was told to; the last of it again and again."""

    name: str
    script: list[Answer | ModelError]
    model: str = "m"
    form: str = ""
    asked: int = 0

    def ask(self, question: Question) -> Answer:
        assert question.instructions
        self.asked += 1
        said = self.script[0] if len(self.script) == 1 else self.script.pop(0)
        if isinstance(said, ModelError):
            raise said
        return said


@dataclass
class Time:
    """Moves when somebody sleeps."""

    now: dt.datetime = dt.datetime(2026, 3, 14, 12, tzinfo=dt.UTC)
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += dt.timedelta(seconds=seconds)

    def seconds(self) -> float:
        return self.now.timestamp()


TERMS = Terms(
    budget=Budget(tokens_per_month=10**6, micros_per_month=10**6, requests_per_minute=1000),
    prices={"one": (Decimal(1000), Decimal(5000))},
    retries=2,
    output_tokens=50,
    cache=dt.timedelta(days=1),
)


@dataclass
class Office:
    """A suite with a generation; opens desks for it."""

    sessions: sessionmaker[Session]
    suite_id: str
    generation_id: str
    time: Time = field(default_factory=Time)
    signs_of_life: int = 0

    def _live(self) -> None:
        self.signs_of_life += 1

    def desk(self, *providers: Provider, terms: Terms = TERMS, **more: dict[str, str]) -> Desk:
        time = self.time
        world = World(lambda: time.now, time.seconds, time.sleep, lambda: 0.5)
        staff = Staff(providers, more.get("absent", {}))
        sessions, suite_id = self.sessions, self.suite_id
        return Desk(sessions, world, terms, staff, suite_id, self.generation_id, self._live)

    def requests(self) -> list[tuple[str, str, int]]:
        with self.sessions() as session:
            found = session.scalars(select(ModelRequest).order_by(ModelRequest.asked_at))
            return [(each.provider, each.outcome, each.cost_micros) for each in found]


@pytest.fixture
def office(sessions: sessionmaker[Session], settings: Settings) -> Office:
    with sessions.begin() as session:
        suite = rows.suite(session, settings)
        generation = generations.request(session, suite.id, provider="model")
        return Office(sessions, suite.id, generation.id)


def ask(desk: Desk, material: str = "About what.") -> tuple[str, Answer]:
    reply = desk.ask(replace(QUESTION, material=material))
    return reply.provider, reply.answer


def test_the_first_that_answers_is_taken_and_paid(office: Office) -> None:
    one, two = Scripted("one", [GOOD]), Scripted("two", [GOOD])
    assert ask(office.desk(one, two)) == ("one", GOOD)
    assert (one.asked, two.asked) == (1, 0)
    assert office.requests() == [("one", "answered", 200_000)]
    assert office.signs_of_life >= 1


def test_the_same_question_is_paid_for_once(office: Office) -> None:
    one = Scripted("one", [GOOD])
    desk = office.desk(one)
    ask(desk)
    assert ask(desk) == ("one", Answer((CHECK,)))
    assert (one.asked, len(office.requests())) == (1, 1)


def test_what_another_asked_while_one_waited_for_its_turn_is_not_paid_for_again(
    office: Office,
) -> None:
    """As where a message comes twice, and two processes write the same operation."""
    one = Scripted("one", [GOOD])
    desk, other = office.desk(one), office.desk(one)
    with ExitStack() as first:
        first.enter_context(ledger.turn(office.sessions, office.suite_id, lambda _: None))

        def answered(_: float) -> None:
            first.close()
            ask(other)

        waiting = replace(desk, world=replace(desk.world, sleep=answered))
        assert ask(waiting) == ("one", Answer((CHECK,)))
    assert (one.asked, len(office.requests())) == (1, 1)


def test_a_vendor_that_does_not_say_what_it_took_is_taken_to_have_taken_the_likely(
    office: Office,
) -> None:
    provider, answer = ask(office.desk(Scripted("one", [Answer((CHECK,))])))
    assert provider == "one"
    assert answer.usage == Usage(QUESTION.size // 4, TERMS.output_tokens)
    assert office.requests()[0][2] == QUESTION.size // 4 * 1000 + TERMS.output_tokens * 5000


def test_a_question_that_is_not_taken_says_nothing_of_the_next(office: Office) -> None:
    one = Scripted("one", [*[ModelError(Trouble.UNSUITED, "413")] * (FAILURES + 1), GOOD])
    desk = office.desk(one, Scripted("two", [GOOD]))
    authors = [ask(desk, str(number))[0] for number in range(FAILURES + 2)]
    assert authors == ["two"] * (FAILURES + 1) + ["one"]
    assert {cost for name, outcome, cost in office.requests() if outcome == "unsuited"} == {0}


def test_who_is_to_ask_no_further_does_not_wait_for_a_pause_either(office: Office) -> None:
    one = Scripted("one", [ModelError(Trouble.BUSY, retry_after_seconds=50.0)])
    desk = office.desk(one)

    def alive() -> None:
        if one.asked:
            raise UnavailableError("It ends.")

    with pytest.raises(UnavailableError):
        ask(replace(desk, alive=alive))
    assert (one.asked, office.time.slept) == (1, [])


def test_what_passes_is_asked_again_after_a_pause(office: Office) -> None:
    busy = ModelError(Trouble.BUSY, retry_after_seconds=7.0)
    one = Scripted("one", [busy, ModelError(Trouble.AWAY, "503"), GOOD])
    assert ask(office.desk(one)) == ("one", GOOD)
    assert office.time.slept == [7.5, 1.0]
    assert [outcome for _, outcome, _ in office.requests()] == ["busy", "away", "answered"]


def test_who_does_not_answer_is_followed_by_the_next(office: Office) -> None:
    one = Scripted("one", [ModelError(Trouble.AWAY, "500")])
    two = Scripted("two", [GOOD])
    reply = office.desk(one, two).ask(QUESTION)
    assert (reply.provider, reply.answer, reply.passed_over) == (
        "two",
        GOOD,
        ("one is away (500)",),
    )
    assert one.asked == 1 + TERMS.retries


@pytest.mark.parametrize("trouble", [Trouble.REFUSED, Trouble.SLOW])
def test_what_does_not_pass_is_not_asked_again(office: Office, trouble: Trouble) -> None:
    one, two = Scripted("one", [ModelError(trouble)]), Scripted("two", [GOOD])
    assert ask(office.desk(one, two))[0] == "two"
    assert (one.asked, office.time.slept) == (1, [])


def test_who_wants_too_much_patience_is_left(office: Office) -> None:
    one = Scripted("one", [ModelError(Trouble.BUSY, retry_after_seconds=3600.0)])
    assert ask(office.desk(one, Scripted("two", [GOOD])))[0] == "two"
    assert one.asked == 1


def test_where_nobody_answers_each_is_said_to_be_why(office: Office) -> None:
    one = Scripted("one", [ModelError(Trouble.REFUSED, "401")])
    two = Scripted("two", [ModelError(Trouble.SLOW)])
    desk = office.desk(one, two, absent={"three": "three needs a key"})
    with pytest.raises(NobodyError) as caught:
        ask(desk)
    assert str(caught.value) == (
        "three needs a key; one refused the request (401); two took too long"
    )


def test_where_nobody_is_set_up_that_is_said(office: Office) -> None:
    with pytest.raises(NobodyError, match="no such model is set up"):
        ask(office.desk())


def test_one_alone_can_be_asked(office: Office) -> None:
    one, two = Scripted("one", [GOOD]), Scripted("two", [GOOD])
    whole = Staff([one, two], {"three": "no key", "four": "no key"})
    assert whole.only("two").providers == [two]
    assert whole.only("three").absent == {"three": "no key"}
    assert whole.only("two").breaker("two") is whole.breaker("two")
    assert office.requests() == []


def test_who_failed_again_and_again_is_left_in_peace_for_a_while(office: Office) -> None:
    one, two = Scripted("one", [ModelError(Trouble.REFUSED)]), Scripted("two", [GOOD])
    desk = office.desk(one, two)
    for number in range(FAILURES + 2):
        assert ask(desk, str(number))[0] == "two"
    assert one.asked == FAILURES
    # The office's time stands still but for this: nobody waits.
    office.time.sleep(PAUSE_SECONDS)
    one.script = [GOOD]
    assert ask(desk, "later")[0] == "one"


def test_a_provider_that_rests_is_said_to(office: Office) -> None:
    desk = office.desk(Scripted("one", [ModelError(Trouble.REFUSED)]))
    for number in range(FAILURES):
        with pytest.raises(NobodyError):
            ask(desk, str(number))
    with pytest.raises(NobodyError, match=r"one failed before.*while \(refused the"):
        ask(desk, "next")


def test_an_answer_in_no_form_goes_back_and_counts_as_a_failure(office: Office) -> None:
    wrong = ModelError(Trouble.UNREADABLE, usage=Usage(10, 2))
    desk = office.desk(Scripted("one", [wrong]), Scripted("two", [GOOD]))
    for number in range(FAILURES):
        with pytest.raises(ModelError, match="one did not answer in the form"):
            ask(desk, str(number))
    assert ask(desk, "next")[0] == "two"
    assert office.requests()[0] == ("one", "unreadable", 20_000)


@pytest.mark.parametrize("trouble", [Trouble.SLOW, Trouble.BROKEN_OFF])
def test_what_may_have_been_answered_counts_as_if_it_was(office: Office, trouble: Trouble) -> None:
    with pytest.raises(NobodyError):
        ask(office.desk(Scripted("one", [ModelError(trouble)])))
    cost = QUESTION.size // 4 * 1000 + TERMS.output_tokens * 5000
    assert {each[2] for each in office.requests()} == {cost}


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(1000, 10**9, 100), "1000 tokens of this month are spent"),
        (Budget(10**6, 1_000_000, 100), r"\$1.00 of this month are spent"),
    ],
    ids=["tokens", "money"],
)
def test_a_budget_is_exceeded_by_one_answer_at_most(
    office: Office, budget: Budget, reason: str
) -> None:
    one = Scripted("one", [Answer((), Usage(300, 50))])
    desk = office.desk(one, Scripted("two", [GOOD]), terms=replace(TERMS, budget=budget))
    numbers = itertools.count()
    with pytest.raises(NobodyError, match=reason):
        all(ask(desk, str(number)) for number in numbers)
    with office.sessions() as session:
        spent = ledger.spent(session, office.suite_id, office.time.now)
    over = (spent.tokens - budget.tokens_per_month, spent.micros - budget.micros_per_month)
    assert 0 <= max(over) <= 550_000
    assert spent.tokens - 350 < budget.tokens_per_month
    assert spent.micros - 550_000 < budget.micros_per_month


def test_asked_from_several_threads_it_is_exceeded_by_one_answer_at_most(office: Office) -> None:
    terms = replace(TERMS, budget=replace(TERMS.budget, tokens_per_month=1000), prices={})
    desk = office.desk(Scripted("one", [Answer((), Usage(300, 50))]), terms=terms)
    # Threads that wait for their turn really have to: without a pause one would starve the others.
    desk = replace(desk, world=replace(desk.world, sleep=lambda _: time.sleep(0.01)))

    def spend(thread: int) -> None:
        with pytest.raises(NobodyError):
            all(ask(desk, f"{thread} {number}") for number in itertools.count())

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(spend, range(4)))
    with office.sessions() as session:
        assert ledger.spent(session, office.suite_id, office.time.now).tokens == 1050


def test_a_request_whose_end_nobody_noted_counts_with_the_most(office: Office) -> None:
    """As after a process that was killed while it waited."""

    class KilledError(BaseException):
        pass

    @dataclass
    class Killing:
        name: str = "one"
        model: str = "m"
        form: str = ""

        def ask(self, question: Question) -> Answer:
            raise KilledError(question)

    with pytest.raises(KilledError):
        ask(office.desk(Killing()))
    with office.sessions() as session:
        spent = ledger.spent(session, office.suite_id, office.time.now)
    assert spent.tokens == QUESTION.size + TERMS.output_tokens
    assert office.requests()[0][1] == ledger.ASKED


def test_a_minute_has_no_more_questions_than_it_may(office: Office) -> None:
    one = Scripted("one", [GOOD])
    terms = replace(TERMS, budget=replace(TERMS.budget, requests_per_minute=2))
    desk = office.desk(one, terms=terms)
    moments = []
    for number in range(5):
        ask(desk, str(number))
        moments.append(office.time.seconds())
    assert all(later - first >= 60 for first, later in zip(moments, moments[2:], strict=False))
    assert len(office.time.slept) == 2
