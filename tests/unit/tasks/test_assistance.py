from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import cast

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.errors import UnavailableError
from app.services.assistance.performing import Job
from tasks import assistance
from tasks.assistance import CagedTrial
from tests.database_fixtures import settings_for
from worker.engine import Engine

NO_SESSIONS = cast("sessionmaker[Session]", None)


def job(provider: str) -> Job:
    return cast(
        "Job", type("AnyJob", (), {"provider": provider, "suite_id": "s", "generation_id": "g"})
    )


def test_an_installation_has_its_models_on_its_terms() -> None:
    settings = settings_for(
        "postgresql://nowhere/none",
        model_providers="openai,gemini",
        openai_api_key="k",
        model_dollars_per_month="0.5",
        model_prices="openai=1/2",
        cage="none",
    )
    made = assistance.made(settings, NO_SESSIONS)
    assert made.terms.budget.micros_per_month == 500_000
    assert made.terms.cache == dt.timedelta(days=30)
    any_model = made.desk(job("model"), lambda: None)
    assert [each.name for each in any_model.staff.providers] == ["openai"]
    assert list(any_model.staff.absent) == ["gemini"]
    one = made.desk(job("gemini"), lambda: None)
    assert (list(one.staff.providers), list(one.staff.absent)) == ([], ["gemini"])
    made.trial.close()


def test_the_cage_is_had_only_where_somebody_can_be_asked() -> None:
    nobody = settings_for("postgresql://nowhere/none", model_providers="gemini", cage="none")
    somebody = settings_for(
        "postgresql://nowhere/none", model_providers="openai", openai_api_key="k", cage="none"
    )

    def refuse() -> Engine:
        raise UnavailableError("Too weak.")

    weak = CagedTrial(refuse)
    replace(assistance.made(nobody, NO_SESSIONS), trial=weak).ready()
    with pytest.raises(UnavailableError):
        replace(assistance.made(somebody, NO_SESSIONS), trial=weak).ready()


def test_the_world_is_the_real_one() -> None:
    world = assistance.WORLD
    assert world.now().tzinfo is dt.UTC
    assert world.clock() <= world.clock()
    assert 0 <= world.chance() < 1


def test_a_cage_that_cannot_be_had_is_wished_for_again() -> None:
    tries = []

    def refuse() -> Engine:
        tries.append(1)
        raise UnavailableError("Too weak.")

    trial = CagedTrial(refuse)
    for _ in range(2):
        with pytest.raises(UnavailableError):
            trial("test_x.py", "", "{}")
    assert len(tries) == 2
    trial.close()
