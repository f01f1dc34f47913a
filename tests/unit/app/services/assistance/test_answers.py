from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.ai.providers.provider import Answer, ProposedCheck, Question
from app.services.assistance import answers

NOW = dt.datetime(2026, 3, 14, 12, tzinfo=dt.UTC)
MONTH = dt.timedelta(days=30)
CHECK = ProposedCheck("a", "b", "c\x00", "d")
QUESTION = Question("i", "m")


@dataclass(frozen=True)
class Named:
    name: str = "gemini"
    model: str = "m"
    form: str = ""

    def ask(self, question: Question) -> Answer:
        raise AssertionError(question)


def test_an_answer_is_found_again(session: Session) -> None:
    key = answers.digest(Named(), QUESTION)
    assert answers.find(session, key, NOW - MONTH) is None
    answers.keep(session, key, [CHECK], NOW, NOW - MONTH)
    answers.keep(session, key, [CHECK, CHECK], NOW, NOW - MONTH)
    found = answers.find(session, key, NOW - MONTH)
    assert found is not None
    assert [each.pointer for each in found] == ["c␀", "c␀"]


def test_an_answer_of_nothing_is_one(session: Session) -> None:
    answers.keep(session, "k", [], NOW, NOW - MONTH)
    assert answers.find(session, "k", NOW - MONTH) == ()


def test_old_answers_are_not_found_and_forgotten_with_the_next(session: Session) -> None:
    answers.keep(session, "old", [], NOW, NOW - MONTH)
    later = NOW + 2 * MONTH
    assert answers.find(session, "old", later - MONTH) is None
    answers.keep(session, "new", [], later, later - MONTH)
    assert answers.find(session, "old", NOW - MONTH) is None


def test_another_model_provider_form_or_question_is_another_answer() -> None:
    asked = [
        (Named(), QUESTION),
        (Named("openai"), QUESTION),
        (Named(model="n"), QUESTION),
        (Named(form="at another address"), QUESTION),
        (Named(), Question("i", "n")),
        (Named(), Question("j", "m")),
    ]
    assert len({answers.digest(*each) for each in asked}) == len(asked)
