"""What the launch does where nothing is there yet; the rest is seen in `make run` itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bridge.local.keeper import Pace
from bridge.local.launch import Crew
from bridge.local.parts import Site
from bridge.local.screen import Screen
from bridge.local.state import State


def test_a_broker_that_dies_before_there_is_a_database_has_held_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    crew = Crew(Site(State(tmp_path), 1, 2), Screen(said.append), Pace())
    asyncio.run(crew._broker_is_back())
    assert said == []
