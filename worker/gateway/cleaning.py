"""Deletes what a case has left behind, as far as the time allows, and tells how that went."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.redaction import Redactor
from app.domain.results import Deletion
from worker.gateway.creations import Creations, is_gone
from worker.gateway.passage import Passage
from worker.gateway.rules import RefusedError
from worker.gateway.upstream import Sender, UpstreamError
from worker.gateway.wire import Request

#: What is told of one case must fit into one message with the rest of its end, in characters.
_LONGEST_URL = 1000
_LONGEST_REMARK = 300


@dataclass(frozen=True, slots=True)
class Cleaning:
    """The way to delete things, which is that of the case's own requests."""

    origin: str
    upstream: Sender
    passage: Passage
    redactor: Redactor

    async def after(
        self, creations: Creations, unanswered: Iterable[Request], seconds: float
    ) -> tuple[Deletion, ...]:
        """Delete what is left, the newest first; of what was not answered nothing is known."""
        deadline = asyncio.get_running_loop().time() + seconds
        told = [
            self._told(request, remark="The case had ended before it was answered.")
            for request in unanswered
        ]
        told += [await self._deleted(request, deadline) for request in creations.deletions()]
        if creations.passed_over:
            remark = f"{creations.passed_over} more were created than are deleted after one case."
            told.append(Deletion(self.origin, None, remark))
        return tuple(told)

    async def _deleted(self, request: Request, deadline: float) -> Deletion:
        if asyncio.get_running_loop().time() >= deadline:
            return self._told(request, remark="There was no time left to delete it.")
        try:
            async with asyncio.timeout_at(deadline):
                await asyncio.sleep(self.passage.hold())
                answer = (await self.upstream.send(request)).answer
        except TimeoutError:
            return self._told(request, remark="It was not deleted in time.")
        except (RefusedError, UpstreamError) as error:
            return self._told(request, remark=f"It was not deleted: {error}.")
        remark = "" if is_gone(answer.status) else f"DELETE was answered {answer.status}."
        return self._told(request, answer.status, remark)

    def _told(self, request: Request, status: int | None = None, remark: str = "") -> Deletion:
        url = self.redactor.url(self.origin + request.path)
        return Deletion(url[:_LONGEST_URL], status, self.redactor.text(remark)[:_LONGEST_REMARK])
