"""Commands to tasks: what the outbox keeps and the relay publishes, one JSON object each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from app.domain.plans import Shard
from app.messages import sealing, topics
from app.messages.codec import decode_as


@dataclass(frozen=True, slots=True)
class Command:
    """A task to be run: its name, its queue, the routing key that keeps order, its arguments."""

    task: str
    queue: str
    key: str
    kwargs: dict[str, str]
    task_id: str
    #: app.tracing: the trace that it belongs to, if any.
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class WriteCases:
    """Write the cases of a generation."""

    generation_id: str


@dataclass(frozen=True, slots=True)
class RefreshDescription:
    """Look whether there is a newer version of an API description."""

    api_description_id: str


@dataclass(frozen=True, slots=True)
class ExecuteShard:
    """Execute a shard; its plan travels sealed, since it holds the target's secrets."""

    sealed_shard: str


#: The arguments of each task.
ARGUMENTS: Mapping[str, type[WriteCases | RefreshDescription | ExecuteShard]] = {
    topics.Task.WRITE_CASES: WriteCases,
    topics.Task.REFRESH_DESCRIPTION: RefreshDescription,
    topics.Task.EXECUTE_SHARD: ExecuteShard,
}


def write_cases(generation_id: str) -> Command:
    """Write the cases of a generation."""
    return Command(
        task=topics.Task.WRITE_CASES,
        queue=topics.GENERATION_QUEUE.name,
        key=generation_id,
        kwargs=asdict(WriteCases(generation_id)),
        task_id=f"generation-{generation_id}",
    )


def refresh_description(api_description_id: str, asked_at: dt.datetime) -> Command:
    """Look whether there is a newer version of an API description."""
    return Command(
        task=topics.Task.REFRESH_DESCRIPTION,
        queue=topics.GENERATION_QUEUE.name,
        key=api_description_id,
        kwargs=asdict(RefreshDescription(api_description_id)),
        task_id=f"description-{api_description_id}-{int(asked_at.timestamp())}",
    )


def execute_shard(shard: Shard, seal: sealing.Seal) -> Command:
    """Execute a shard; its plan travels sealed, since it holds the target's secrets."""
    return Command(
        task=topics.Task.EXECUTE_SHARD,
        queue=topics.TEST_RUN_QUEUE.name,
        # Shards of one run are spread over the partitions.
        key=f"{shard.run_id}:{shard.number}",
        kwargs=asdict(ExecuteShard(seal.close(asdict(shard)))),
        task_id=shard_task_id(shard.run_id, shard.number, shard.attempt),
    )


def shard_task_id(run_id: str, number: int, attempt: int) -> str:
    """The task id of one attempt at a shard; those of one run begin with `shard-<run id>-`."""
    return f"shard-{run_id}-{number}-{attempt}"


def open_shard(sealed_shard: str, seal: sealing.Seal) -> Shard:
    """Read a shard from its sealed form.

    Raises InvalidInputError where the seal is broken or the plan has another shape.
    """
    return decode_as(Shard, seal.open(sealed_shard), where="sealed_shard")
