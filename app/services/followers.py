"""Followers: whose bell rings for which suite; who makes a suite follows it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.models.follower import Follower


def follow(session: Session, suite_id: str, user_id: str) -> None:
    """Ring somebody's bell for a suite, from now on or still."""
    statement = insert(Follower).values(suite_id=suite_id, user_id=user_id)
    session.execute(statement.on_conflict_do_nothing())


def unfollow(session: Session, suite_id: str, user_id: str) -> None:
    """Leave somebody in peace about a suite."""
    session.execute(
        delete(Follower).where(Follower.suite_id == suite_id, Follower.user_id == user_id)
    )


def follows(session: Session, suite_id: str, user_id: str) -> bool:
    """Whether somebody's bell rings for a suite."""
    is_there = exists().where(Follower.suite_id == suite_id, Follower.user_id == user_id)
    return bool(session.scalar(select(is_there)))


def of_suite(session: Session, suite_id: str) -> Sequence[str]:
    """The ids of who follows a suite."""
    return session.scalars(select(Follower.user_id).where(Follower.suite_id == suite_id)).all()
