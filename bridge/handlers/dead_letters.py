"""Keeps dead letters in the database, where people look at them, replay and drop them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy.orm import Session, sessionmaker

from app import metrics
from app.services import dead_letters
from app.services.dead_letters import Letter


class DeadLettersHandler:
    """Writes each batch in one transaction; repeated letters are dropped."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def handle(self, batch: Sequence[Letter]) -> None:
        """Keep the letters of a batch."""
        with self._sessions.begin() as session:
            dead_letters.take_in(session, batch)
        for topic, letters in Counter(letter.topic for letter in batch).items():
            metrics.DEAD_LETTERS.labels(topic).inc(letters)
