import json
import random
from dataclasses import replace

import pytest

from app.domain.plans import PlannedCase, Shard, Target
from app.domain.strength import RECORDED_BYTES
from app.messages import commands
from app.messages.sealing import Seal
from app.services.plans import Planner, limits_of
from app.settings import Settings
from testops.json_values import Json
from tests.database_fixtures import settings_for

CONTRACT: dict[str, Json] = {
    "contract": 1,
    "title": "Pets",
    "operations": {f"GET /{n}": {"pointer": f"#/{n}", "responses": {}} for n in range(10)},
    "schemas": {},
}


def case(number: int, size: int = 10) -> PlannedCase:
    """A case whose script does not get smaller by compression."""
    script = random.Random(number).randbytes(size // 2).hex()  # noqa: S311 - only hard to compress
    return PlannedCase(f"c{number}", f"GET /{number}", f"test_{number}.py", script)


def planner(**settings: object) -> Planner:
    return Planner(
        run_id="r1",
        target=Target("http://api.test", {"X-Key": "s3cret"}),
        contract=CONTRACT,
        settings=settings_for("postgresql://nowhere/none", **settings),
    )


def opened(plan: Planner, sealed: str) -> Shard:
    return commands.open_shard(sealed, Seal(plan.settings.secret))


def test_a_run_is_cut_into_numbered_shards() -> None:
    plan = planner(shard_size=2)
    pieces = list(plan.pieces([case(number) for number in range(5)], {}))
    assert [piece.number for piece in pieces] == [0, 1, 2]
    assert [[one.case_id for one in piece.cases] for piece in pieces] == [
        ["c0", "c3"],
        ["c1", "c4"],
        ["c2"],
    ]


def test_a_shard_holds_all_that_a_runner_needs() -> None:
    plan = planner(case_seconds=7)
    [piece] = plan.pieces([case(3), case(4)], {})
    assert piece.command is not None
    shard = opened(plan, piece.command.kwargs["sealed_shard"])
    assert (shard.run_id, shard.number, shard.attempt) == ("r1", 0, 1)
    assert shard.cases == piece.cases
    assert shard.target == plan.target
    assert shard.limits == limits_of(plan.settings)
    assert shard.limits.case_seconds == 7
    assert "GET /3" in shard.contract
    assert "GET /5" not in shard.contract


def test_a_shard_holds_what_its_scripts_ask_on_the_way() -> None:
    """A case may take an id from another operation's answer, which is checked too."""
    script = "def test_x(api):\n    api.get('/7').status(200)\n"
    [piece] = planner().pieces([PlannedCase("c3", "GET /3", "test_3.py", script)], {})
    assert piece.command is not None
    shard = opened(planner(), piece.command.kwargs["sealed_shard"])
    assert set(json.loads(shard.contract)["operations"]) == {"GET /3", "GET /7"}


def test_a_shard_that_is_too_large_to_send_is_halved() -> None:
    plan = planner(max_command_bytes=20_000)
    cases = [case(number, 5_000) for number in range(8)]
    pieces = list(plan.pieces(cases, {}))
    sent = [one for piece in pieces for one in piece.cases]
    assert sorted(sent, key=lambda one: one.case_id) == cases
    assert [piece.number for piece in pieces] == list(range(len(pieces)))
    assert len(pieces) > 1
    for piece in pieces:
        assert piece.command is not None
        sealed = piece.command.kwargs["sealed_shard"]
        assert len(sealed) <= 20_000
        assert opened(plan, sealed).number == piece.number


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_case_too_large_to_send_stands_alone_without_a_command(place: int) -> None:
    plan = planner(max_command_bytes=20_000)
    cases = [case(number, 60_000 if number == place else 100) for number in range(3)]
    pieces = list(plan.pieces(cases, {}))
    assert [piece.cases for piece in pieces if piece.command is None] == [(cases[place],)]
    sent = [one for piece in pieces if piece.command for one in piece.cases]
    assert sent == [one for one in cases if one is not cases[place]]


def test_the_bounds_of_a_case_are_the_installations(policy: Settings) -> None:
    limits = limits_of(policy)
    assert (limits.memory_bytes, limits.output_bytes) == (policy.memory_bytes, policy.output_bytes)
    assert (limits.cpu_seconds, limits.body_bytes) == (policy.cpu_seconds, policy.body_bytes)


def test_what_is_measured_is_recorded_whole() -> None:
    """A body that was cut off cannot be answered again."""
    plan = planner(body_bytes=100)
    for changes, kept in ((0, 100), (12, RECORDED_BYTES)):
        command = replace(plan, changes=changes).command([case(1)], 0, 1)
        shard = opened(plan, command.kwargs["sealed_shard"])
        assert (shard.changes, shard.limits.body_bytes) == (changes, kept)
