"""Environments: where a suite's API lives and what proves who is asking."""

from __future__ import annotations

from sqlalchemy import String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, owned_by


class Environment(Base):
    """A base URL, what requests carry for all or for one user, and secrets that scripts use."""

    __tablename__ = "environments"
    __table_args__ = (UniqueConstraint("suite_id", "name"),)

    id: Mapped[Id]
    suite_id: Mapped[str] = owned_by("suites")
    name: Mapped[str] = mapped_column(String(100), default="default")
    base_url: Mapped[str] = mapped_column(String(2000))
    #: JSON object of headers, sealed (see app.messages.sealing); empty for none.
    sealed_headers: Mapped[str] = mapped_column(Text, default="")
    #: JSON object of what scripts may send but never see, by name; sealed as the headers are.
    sealed_secrets: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    #: JSON object of users, the main one first: name → headers; sealed as the headers are.
    sealed_identities: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    created_at: Mapped[CreatedAt]
