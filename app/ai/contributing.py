"""What a model adds to one module: it is asked, judged, and asked again with what was wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from app.ai.composing import SoundCheck
from app.ai.prompts.asking import Subject
from app.ai.providers.provider import Answer, ModelError, Question
from app.ai.validation.judging import Judge, Judged, Rejected

#: How often problems go back to the model.
MAX_REPAIRS = 2


class NobodyError(Exception):
    """No provider answers, or none may be asked any more; the message says why, of each."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and who gave it."""

    provider: str
    answer: Answer
    #: Why those before it in the order did not answer.
    passed_over: tuple[str, ...] = ()


class Asker(Protocol):
    """Asks who is there, within what may be spent."""

    def ask(self, question: Question) -> Reply:
        """The answer of the first provider that gives one.

        Raises NobodyError, and ModelError where a provider answered but not in the form.
        """
        ...


@dataclass(slots=True)
class Contribution:
    """What came of asking for one operation."""

    #: In the order they stand in the module.
    kept: list[SoundCheck] = field(default_factory=list)
    #: Names of kept checks that were put right first.
    repaired: list[str] = field(default_factory=list)
    #: By name, what was wrong with checks that were not put right.
    dropped: dict[str, Rejected] = field(default_factory=dict)
    #: Who wrote what was kept, in the order they were asked.
    providers: list[str] = field(default_factory=list)
    #: Why others, who come before them in the order, did not write.
    passed_over: list[str] = field(default_factory=list)
    #: Why nobody was asked any further, or why the last answer is of no use; empty otherwise.
    stopped: str = ""

    @property
    def names(self) -> set[str]:
        """Those of the checks that were kept."""
        return {check.name for check in self.kept}

    @property
    def reason(self) -> str:
        """Why it was not all written by the first provider; empty where it was."""
        return "; ".join(filter(None, [*self.passed_over, self.stopped]))

    def take(self, judged: Judged, reply: Reply) -> tuple[Rejected, ...]:
        """Take over what was found sound of an answer; gives what was not."""
        self.stopped = ""
        self.passed_over += [each for each in reply.passed_over if each not in self.passed_over]
        for check in judged.sound:
            self.kept.append(check)
            if self.dropped.pop(check.name, None):
                self.repaired.append(check.name)
        self.dropped |= {each.check.name: each for each in judged.rejected}
        if judged.sound and reply.provider not in self.providers:
            self.providers.append(reply.provider)
        return judged.rejected


def contribute(subject: Subject, judge: Judge, asker: Asker) -> Contribution:
    """Have checks added to a module, and keep those that may stand.

    Blocks for as long as the models take. Raises UnavailableError where checks cannot be judged.
    """
    found = Contribution()
    question = subject.question
    waiting: tuple[Rejected, ...] = ()
    for number in range(1, 2 + MAX_REPAIRS):
        try:
            reply = asker.ask(question)
        except NobodyError as error:
            found.stopped = str(error)
            break
        except ModelError as error:
            found.stopped = str(error)
            question = subject.repair(waiting, number) if waiting else subject.misread()
            continue
        # Some repeat in a repair what was kept before.
        fresh = [check for check in reply.answer.checks if check.name not in found.names]
        waiting = found.take(judge.judged(fresh), reply)
        if not waiting:
            break
        question = subject.repair(waiting, number)
    return found
