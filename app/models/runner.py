"""Runners: who executes test scripts, and in which cage."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Json, Moment


class Runner(Base):
    """What a runner told of itself when it last started."""

    __tablename__ = "runners"

    #: Name of the machine or container.
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    started_at: Mapped[Moment]
    #: The least acceptable cage: "none", "standard" or "strict".
    cage: Mapped[str] = mapped_column(String(20))
    #: Objects with the fields of `app.messages.events.CageLayer`.
    layers: Mapped[Json]
