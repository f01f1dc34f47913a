"""Answers that are kept by what was asked, so that the same question is paid for once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.ai.providers.provider import ProposedCheck, Provider, Question
from app.models.model_answer import ModelAnswer
from app.services.text import storable_json


def digest(provider: Provider, question: Question) -> str:
    """What an answer is kept by."""
    asked = [question.instructions, question.material]
    parts = [provider.name, provider.model, provider.form, *asked]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def find(session: Session, key: str, since: dt.datetime) -> tuple[ProposedCheck, ...] | None:
    """The checks that were answered since then; None where nothing was."""
    found = select(ModelAnswer.checks).where(
        ModelAnswer.digest == key, ModelAnswer.created_at >= since
    )
    checks = session.scalar(found)
    return None if checks is None else tuple(ProposedCheck(**each) for each in checks)


def keep(
    session: Session,
    key: str,
    checks: Sequence[ProposedCheck],
    now: dt.datetime,
    since: dt.datetime,
) -> None:
    """Keep an answer, and forget those from before `since`."""
    session.execute(delete(ModelAnswer).where(ModelAnswer.created_at < since))
    told = storable_json([asdict(check) for check in checks])
    row = {"checks": told, "created_at": now}
    session.execute(
        insert(ModelAnswer)
        .values(digest=key, **row)
        .on_conflict_do_update(index_elements=[ModelAnswer.digest], set_=row)
    )
