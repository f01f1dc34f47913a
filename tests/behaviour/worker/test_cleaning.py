"""What a case creates and leaves behind is deleted after it, however it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, cast

import pytest

from app.domain.outcomes import Outcome
from app.domain.plans import Limits, Shard
from app.domain.results import CaseFinished, Deletion
from tests.behaviour.worker.support import TargetServer, ends, shard_of
from worker.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Generator

    from app.domain.results import Event

OPERATIONS = ("POST /books", "DELETE /books/{bookId}", "GET /books/{bookId}")
CONTRACT = json.dumps({"contract": 1, "operations": {key: {} for key in OPERATIONS}, "schemas": {}})
CREATING = """
def test_a():
    for _ in range(3):
        assert send("/books", "POST", headers={"X-Own": "o"}).status_code == 201
    assert send("/books/2", "DELETE").status_code == 204
    %s
"""


def shard_for(
    target: TargetServer, script: str, *, cleans_up: bool = True, retries: int = 0
) -> Shard:
    return shard_of(
        script,
        base_url=target.url,
        headers={"X-Api-Key": "s3cret-key"},
        contract=CONTRACT,
        cleans_up=cleans_up,
        limits=Limits(case_seconds=20, check_seconds=20),
        retries=retries,
    )


def end(
    engine: Engine,
    target: TargetServer,
    script: str,
    *,
    cleans_up: bool = True,
    retries: int = 0,
    cancelled: Callable[[], bool] = lambda: False,
) -> CaseFinished:
    shard = shard_for(target, script, cleans_up=cleans_up, retries=retries)
    (found,) = ends(engine.execute(shard, cancelled=cancelled))
    return found


def deleted(target: TargetServer) -> list[str]:
    return [path for method, path, _ in target.seen if method == "DELETE"]


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        ("pass", Outcome.PASSED),
        ("assert False", Outcome.FAILED),
        ("os._exit(1)", Outcome.ERRORED),
        ("os.kill(os.getpid(), signal.SIGKILL)", Outcome.ERRORED),
        # Past the case's time limit, which ends it.
        ("send('/echo'); time.sleep(60)", Outcome.ERRORED),
    ],
)
def test_however_a_case_ends_what_it_left_is_deleted(
    engine: Engine, target: TargetServer, ending: str, outcome: Outcome
) -> None:
    """The newest first, as who created it; also where the run is cancelled meanwhile."""
    found = end(engine, target, CREATING % ending, cancelled=lambda: bool(target.asked("/echo")))
    assert found.outcome is outcome
    assert deleted(target) == ["/books/2", "/books/3", "/books/1"]
    for _, _, headers in target.seen[-2:]:
        assert (headers["x-api-key"], headers["x-own"]) == ("s3cret-key", "o")
    assert found.deletions == (
        Deletion(f"{target.url}/books/3", 204),
        Deletion(f"{target.url}/books/1", 204),
    )
    assert "s3cret" not in repr(found)


def test_it_is_deleted_also_where_nobody_waits_for_the_end(
    engine: Engine, target: TargetServer
) -> None:
    """Who closes the iterator wants no more events; that is no reason to leave a mess."""
    script = CREATING % "os.kill(os.getpid(), signal.SIGKILL)"
    events = cast("Generator[Event, None, None]", engine.execute(shard_for(target, script)))
    with closing(events):
        while not target.asked("/books"):
            next(events)
    assert "/books/1" in deleted(target)


def test_what_cannot_be_deleted_is_told_and_changes_no_outcome(
    engine: Engine, target: TargetServer
) -> None:
    target.about_books = (403, b"no")
    found = end(engine, target, "def test_a(): send('/books', 'POST')")
    assert (found.outcome, found.message) == (Outcome.PASSED, "")
    assert found.deletions == (Deletion(f"{target.url}/books/1", 403, "DELETE was answered 403."),)


def test_nothing_is_deleted_where_the_plan_says_so(engine: Engine, target: TargetServer) -> None:
    found = end(engine, target, "def test_a(): send('/books', 'POST')", cleans_up=False)
    assert (found.deletions, deleted(target)) == ((), [])


def test_what_runs_again_is_cleaned_up_again(engine: Engine, target: TargetServer) -> None:
    """Each time for itself, so that the next time finds what the first one found."""
    script = "def test_a():\n    send('/books', 'POST')\n    assert False"
    found = end(engine, target, script, retries=1)
    assert found.outcome is Outcome.FAILED
    methods = [method for method, path, _ in target.seen if path.startswith("/books")]
    assert methods == ["POST", "DELETE", "POST", "DELETE"]
    assert len(found.deletions) == 2
