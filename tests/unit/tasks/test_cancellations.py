"""What a runner remembers of cancelled runs."""

from app.messages.events import GenerationFinished, RunFinished
from tasks.cancellations import Cancellations


def ended(run_id: str, status: str) -> RunFinished:
    return RunFinished(run_id, "suite", status, passed=0, failed=0, errored=0, skipped=0)


def test_only_cancelled_runs_are_held() -> None:
    cancellations = Cancellations()
    cancellations.hear(ended("done", "finished"))
    cancellations.hear(GenerationFinished("written", "suite", written=1, failed=0))
    cancellations.hear(ended("stopped", "cancelled"))
    held = [run for run in ("done", "written", "stopped") if cancellations.holds(run)]
    assert held == ["stopped"]


def test_the_oldest_are_forgotten_first() -> None:
    cancellations = Cancellations(capacity=2)
    for run_id in ("a", "b", "b", "c"):
        cancellations.hear(ended(run_id, "cancelled"))
    assert [run_id for run_id in "abc" if cancellations.holds(run_id)] == ["b", "c"]
