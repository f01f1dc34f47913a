"""What a runner tells of itself."""

from __future__ import annotations

from contextlib import nullcontext

from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from app.errors import UnavailableError
from app.messages import events
from tasks import introduction
from worker.cage.layers import WHAT, Layer
from worker.cage.report import Finding, Report

CAGE = Report(
    (
        Finding(Layer.CALLS, holds=True, note="how"),
        Finding(Layer.MOUNTS, holds=False, note="why", advice="What to do."),
    )
)


class Reporter:
    """Confirms what was published, unless it is away."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.is_away = is_away
        self.published: list[tuple[str, events.Envelope]] = []

    def publish(self, topic: str, envelope: events.Envelope) -> None:
        self.published.append((topic, envelope))

    def flush(self, timeout: float = 30.0) -> None:
        self.patience = timeout
        if self.is_away:
            raise UnavailableError("Kafka is away.")


def test_it_tells_every_layer_under_its_name() -> None:
    reporter = Reporter()
    introduction.publish(introduction.event("host-1", "standard", CAGE), nullcontext(reporter))
    [(topic, envelope)] = reporter.published
    assert reporter.patience < 10, "a runner that is asked to leave has to"
    assert (topic, envelope.key) == ("test_results", "host-1")
    assert events.read(envelope.type, envelope.body) == events.RunnerStarted(
        "host-1",
        "standard",
        (
            events.CageLayer("seccomp", WHAT[Layer.CALLS], holds=True, note="how", advice=""),
            events.CageLayer(
                "mount namespace", WHAT[Layer.MOUNTS], holds=False, note="why", advice="What to do."
            ),
        ),
    )


def test_it_works_though_nobody_hears_it() -> None:
    with capture_logs() as logs:
        lent = nullcontext(Reporter(is_away=True))
        introduction.publish(introduction.event("h", "none", CAGE), lent)
    assert [(log["event"], log["reason"]) for log in logs] == [
        ("runner.not_introduced", "Kafka is away.")
    ]


def test_its_metrics_show_what_holds() -> None:
    introduction.measure(CAGE)
    for layer, value in [("seccomp", 1), ("mount namespace", 0)]:
        labels = {"layer": layer}
        assert REGISTRY.get_sample_value("testops_runner_cage_layers", labels) == value
