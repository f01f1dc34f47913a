"""Partitions that were just assigned, until it is known what was committed of them.

Asking may take long when brokers are away, so it happens in a thread of its own and is repeated
until there is an answer. What is fetched meanwhile waits here: handed out without the answer, it
could be something that an earlier owner has finished.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import Message

from bridge.transport.errand import Errand
from bridge.transport.errors import BrokerError
from bridge.transport.ledger import Commit, Place

_log = logging.getLogger(__name__)

#: Of one partition. Usually the answer is there before the first message.
_MOST: Final = 100


@dataclass(slots=True)
class _Arrival:
    #: Of the assignment: an answer about an earlier one may be out of date.
    number: int
    early: list[Message] = field(default_factory=list)


class Arrivals:
    """The partitions in question; belongs to the thread that polls.

    `ask` is called in another thread. It says what was committed of some partitions, those without
    a commit left out, and raises BrokerError.
    """

    def __init__(
        self,
        ask: Callable[[Collection[Place]], Mapping[Place, Commit]],
        *,
        retry_seconds: float,
        most: int = _MOST,
    ) -> None:
        self._ask = ask
        self._retry_seconds = retry_seconds
        self._most = most
        self._numbers = itertools.count()
        self._waiting: dict[Place, _Arrival] = {}
        self._question: Errand[Mapping[Place, Commit]] | None = None
        self._asked: dict[Place, int] = {}
        self._ask_at = 0.0

    def add(self, places: Iterable[Place]) -> None:
        """Begin to ask about partitions."""
        for place in places:
            self._waiting[place] = _Arrival(next(self._numbers))
        self._ask_again()

    def remove(self, places: Iterable[Place]) -> None:
        """Forget partitions that are gone, with what was fetched of them."""
        for place in places:
            self._waiting.pop(place, None)

    def hold(self, place: Place, record: Message) -> bool:
        """Keep a message whose partition is in question; false where it is not."""
        arrival = self._waiting.get(place)
        if arrival is not None:
            arrival.early.append(record)
        return arrival is not None

    def holding(self) -> set[Place]:
        """The partitions of which many messages wait here: no more should be fetched."""
        waiting = self._waiting.items()
        return {place for place, arrival in waiting if len(arrival.early) >= self._most}

    def known(self) -> Iterator[tuple[Place, Commit | None, list[Message]]]:
        """Those about which there is an answer by now, with what was fetched of them."""
        for place, commit in self._answer().items():
            arrival = self._waiting.get(place)
            if arrival is not None and arrival.number == self._asked[place]:
                del self._waiting[place]
                yield place, commit, arrival.early
        self._ask_again()

    def _answer(self) -> dict[Place, Commit | None]:
        question = self._question
        if question is None or not question.is_over():
            return {}
        self._question = None
        try:
            commits = question.result()
        except BrokerError as error:
            self._ask_at = time.monotonic() + self._retry_seconds
            _log.warning("%s; asking again, until then its messages wait", error)
            return {}
        return {place: commits.get(place) for place in self._asked}

    def _ask_again(self) -> None:
        if self._waiting and self._question is None and time.monotonic() >= self._ask_at:
            self._asked = {place: arrival.number for place, arrival in self._waiting.items()}
            asked = list(self._asked)
            self._question = Errand(lambda: self._ask(asked))
