"""Asks a model once through pydantic-ai, and puts every way to fail into our words.

Each question has an event loop and connections of its own: those of a loop that has ended cannot be
used in another, and a model takes far longer to answer than a connection to be made.

Answers are streamed, though they are of use only as a whole: proxies give up a connection on which
nothing comes for a minute, and a server that notices that nobody reads on stops writing.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import httpx2
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai.exceptions import (
    AgentRunError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRequestRejectedError,
    ModelTimeoutError,
    UnexpectedModelBehavior,
    UserError,
)
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from app.ai.providers import reading, structure
from app.ai.providers.provider import Answer, ModelError, Question, Trouble, Usage
from app.ai.providers.structure import Proposal

#: Who does not answer the telephone within this time is away.
_CONNECT_SECONDS = 10.0
_TOO_MANY = 429
_SERVER_ERROR = 500
#: "Request Timeout", and what proxies say of a server that keeps them waiting.
_SLOW = frozenset({408, 504})
#: What the vendors' libraries let through of a body that is no sensible JSON, or is JSON of another
#: shape: they look into it as if it was what it should be.
_MISSHAPEN = (
    *(httpx2.HTTPError, ValueError, RecursionError),
    *(TypeError, AttributeError, LookupError, ArithmeticError),
)

#: Makes the vendor's model around a client.
Build = Callable[[httpx2.AsyncClient], Model]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one answer may take."""

    seconds: float = 60.0
    output_tokens: int = 8192


@dataclass(frozen=True, slots=True)
class ModelProvider:
    """A vendor's model as a provider; see `app.ai.providers.provider.Provider`."""

    name: str
    model: str
    build: Build
    bounds: Bounds
    #: Whether the answer is the argument of a tool, or JSON by a schema.
    by_tool: bool = False
    #: Where it is asked; empty for where the vendor's library asks by itself.
    base_url: str = ""

    @property
    def form(self) -> str:
        """See `app.ai.providers.provider.Provider`."""
        kind = "tool" if self.by_tool else "schema"
        return "\n".join([self.base_url, kind, str(self.bounds.output_tokens), structure.SCHEMA])

    def ask(self, question: Question) -> Answer:
        """Ask once; blocks. Raises ModelError."""
        usage = RunUsage()
        try:
            # In a thread of its own no other loop can be running.
            with ThreadPoolExecutor(max_workers=1) as fresh:
                return fresh.submit(asyncio.run, self._ask(question, usage)).result()
        except UserError as error:
            # The library finds what the vendor offers not to be what is asked for.
            raise ModelError(Trouble.REFUSED) from error
        except AgentRunError as error:
            raise _told(error, _used(usage)) from error
        except TimeoutError as error:
            raise ModelError(Trouble.SLOW, f"over {self.bounds.seconds:g} s") from error
        except (reading.OversizeError, reading.RedirectError) as error:
            raise _unwanted(error) from error
        except _MISSHAPEN as error:
            raise ModelError(Trouble.UNREADABLE) from error

    async def _ask(self, question: Question, usage: RunUsage) -> Answer:
        seconds = self.bounds.seconds
        timeout = httpx2.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
        # The limit of a read alone would let an answer trickle for ever.
        async with asyncio.timeout(seconds), self._client(timeout) as client:
            agent = Agent(
                self.build(client),
                output_type=ToolOutput(Proposal) if self.by_tool else NativeOutput(Proposal),
                instructions=question.instructions,
                model_settings=ModelSettings(max_tokens=self.bounds.output_tokens),
                retries=0,
            )
            result = await agent.run(question.material, usage=usage, event_stream_handler=_read_on)
        return Answer(result.output.proposed(), _used(usage))

    def _client(self, timeout: httpx2.Timeout) -> httpx2.AsyncClient:
        return reading.client(timeout, _trust(), self.bounds.output_tokens)


async def _read_on(_: object, events: AsyncIterable[object]) -> None:
    """Take the answer as it comes; that there is somebody who does has it streamed."""
    async for _event in events:
        pass


@cache
def _trust() -> ssl.SSLContext:
    """What the machine trusts; reading it takes longer than all else before a question."""
    return ssl.create_default_context()


def _used(usage: RunUsage) -> Usage:
    """What the vendor says, within what can be counted."""
    most = 2**31 - 1
    return Usage(*(min(max(each, 0), most) for each in (usage.input_tokens, usage.output_tokens)))


def _told(error: AgentRunError, usage: Usage) -> ModelError:
    """What went wrong, without a word of what the vendor sent."""
    match error:
        case ModelHTTPError():
            return _of_status(error)
        case ModelTimeoutError():
            return ModelError(Trouble.SLOW)
        case ModelAPIError():
            return _of_connection(error)
        case UnexpectedModelBehavior():
            return ModelError(Trouble.UNREADABLE, usage=usage)
    return ModelError(Trouble.REFUSED, type(error).__name__)


def _of_connection(error: ModelAPIError) -> ModelError:
    if _never_reached(error):
        return ModelError(Trouble.AWAY)
    # Where a connection was made the question may have been answered, and be paid.
    is_broken_off = error.in_stream or isinstance(error, ModelConnectionError)
    return ModelError(Trouble.BROKEN_OFF if is_broken_off else Trouble.UNREADABLE)


def _unwanted(error: BaseException) -> ModelError:
    if isinstance(error, reading.RedirectError):
        return ModelError(Trouble.REFUSED, f"{error}: its address is another one")
    return ModelError(Trouble.UNREADABLE, str(error))


def _never_reached(error: BaseException) -> bool:
    """Whether no connection was made."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, httpx2.ConnectError):
        cause = cause.__cause__
    return cause is not None


def _of_status(error: ModelHTTPError) -> ModelError:
    status, wait = error.status_code, error.retry_after
    if error.in_stream:
        # What had come by then may be paid.
        return ModelError(Trouble.BROKEN_OFF, str(status), retry_after_seconds=wait)
    if isinstance(error, ModelQuotaExceededError):
        # It comes with 429 too, but no pause of ours is long enough.
        return ModelError(Trouble.REFUSED, f"{status}, the quota is exhausted")
    if status == _TOO_MANY:
        return ModelError(Trouble.BUSY, retry_after_seconds=wait)
    if status in _SLOW:
        return ModelError(Trouble.SLOW, str(status), retry_after_seconds=wait)
    if status >= _SERVER_ERROR:
        return ModelError(Trouble.AWAY, str(status), retry_after_seconds=wait)
    return ModelError(
        Trouble.UNSUITED if _is_about_the_question(error) else Trouble.REFUSED, str(status)
    )


def _is_about_the_question(error: ModelHTTPError) -> bool:
    """Whether another question may be answered: not where the key or the model's name is wrong."""
    refused_at_all = (ModelAuthenticationError, ModelNotFoundError)
    return isinstance(error, ModelRequestRejectedError) and not isinstance(error, refused_at_all)
