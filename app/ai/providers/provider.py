"""What a provider is: asked once, it answers with checks, or says what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked. The instructions are ours; the material holds foreign text."""

    instructions: str
    material: str

    @property
    def size(self) -> int:
        """Bytes; no tokeniser makes more tokens of them."""
        return len(self.instructions.encode()) + len(self.material.encode())


@dataclass(frozen=True, slots=True)
class ProposedCheck:
    """A check as a model wrote it: hostile text until it is validated."""

    name: str
    #: What it proves, one sentence.
    intent: str
    #: JSON pointer to the place in the description that demands it.
    pointer: str
    #: Python source of one function.
    code: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took, in tokens as the vendor counts them."""

    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said."""

    checks: tuple[ProposedCheck, ...]
    usage: Usage = Usage()


class Trouble(Enum):
    """Why there is no answer; each is what a person reads after the provider's name."""

    BUSY = "has too much to do (429)"
    AWAY = "is away"
    SLOW = "took too long"
    BROKEN_OFF = "broke off its answer"
    REFUSED = "refused the request"
    #: Another question it may take: this one is too long, or the vendor does not want it.
    UNSUITED = "does not take this question"
    #: It failed again and again; nobody asks it for a while.
    RESTING = "failed before and is not asked for a while"
    #: It answered, and is paid for it.
    UNREADABLE = "did not answer in the form that was asked for"

    @property
    def may_pass(self) -> bool:
        """Whether the same question may be answered a little later."""
        return self in {Trouble.BUSY, Trouble.AWAY, Trouble.BROKEN_OFF}


class ModelError(Exception):
    """A provider gave no answer that can be used.

    The message holds nothing that the provider sent: that may be hostile, or repeat a key.
    """

    def __init__(
        self,
        trouble: Trouble,
        detail: str = "",
        *,
        retry_after_seconds: float | None = None,
        usage: Usage = Usage(),
    ) -> None:
        super().__init__(f"{trouble.value}{f' ({detail})' if detail else ''}")
        self.trouble = trouble
        self.retry_after_seconds = retry_after_seconds
        self.usage = usage

    def of(self, provider: str) -> ModelError:
        """The same, said of a provider by name."""
        named = ModelError(
            self.trouble, retry_after_seconds=self.retry_after_seconds, usage=self.usage
        )
        named.args = (f"{provider} {self}",)
        return named


class Provider(Protocol):
    """An adapter to one vendor's model."""

    @property
    def name(self) -> str:
        """As a generation asks for it: "gemini"."""
        ...

    @property
    def model(self) -> str:
        """The model's name at the vendor."""
        ...

    @property
    def form(self) -> str:
        """What else the answer to a question depends on: where it is asked, for which form."""
        ...

    def ask(self, question: Question) -> Answer:
        """Ask once, without trying again; blocks until the answer or the time limit.

        Raises ModelError.
        """
        ...
