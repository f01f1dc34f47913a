import datetime as dt

import pytest

from app.domain.plans import PlannedCase, Shard, Target
from app.errors import InvalidInputError
from app.messages import commands
from app.messages.sealing import Seal

SHARD = Shard(
    run_id="r1",
    number=2,
    attempt=1,
    target=Target(base_url="http://api.test", headers={"X-Key": "s3cret"}),
    cases=(PlannedCase(case_id="c1", operation="GET /x", module="test_x.py", script="pass\n"),),
    contract="{}",
)


def test_a_shard_travels_sealed_and_arrives_as_it_was() -> None:
    command = commands.execute_shard(SHARD, Seal("key"))
    assert command.queue == "test_run_queue"
    assert command.task == "execution.execute_shard"
    assert command.task_id == "shard-r1-2-1"
    assert "s3cret" not in str(command)
    assert commands.open_shard(command.kwargs["sealed_shard"], Seal("key")) == SHARD


def test_a_sealed_value_of_another_shape_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        commands.open_shard(Seal("key").close({"run_id": "r1"}), Seal("key"))
    assert caught.value.where == "sealed_shard#/number"


def test_shards_of_one_run_have_keys_of_their_own() -> None:
    """Different keys spread them over the partitions."""
    assert commands.execute_shard(SHARD, Seal("key")).key == "r1:2"


def test_a_generation_is_a_command_on_its_own_queue() -> None:
    command = commands.write_cases("g1")
    assert (command.queue, command.task) == ("generation_queue", "generation.write_cases")
    assert command.kwargs == {"generation_id": "g1"}


def test_a_look_for_a_newer_version_is_a_command_of_its_own() -> None:
    command = commands.refresh_description("d1", dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    assert (command.queue, command.task) == (
        "generation_queue",
        "generation.refresh_description",
    )
    assert command.kwargs == {"api_description_id": "d1"}
    assert command.task_id == "description-d1-1772323200"
