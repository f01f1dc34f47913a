"""How long things take agrees: cases, grace, probes, what counts as lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.settings import Settings
from bridge import heartbeat
from tasks import pulse
from tests.deploy.findings import Finding, Objects
from tests.deploy.objects import Node, Pod, find, of_kind, pods
from tests.deploy.rules.scaling import environment

#: Beyond the longest case: to say what it gives back, to commit, to close.
SPARE_SECONDS = 60
#: What gunicorn gives requests that it has begun (graceful_timeout).
REQUEST_SECONDS = 30


def grace(objects: Objects) -> Iterator[Finding]:
    """A runner may finish its longest case, a generator its longest answer and the trial of it.

    Web may finish its requests, after others heard of its end.
    """
    longest = _case_seconds(objects)
    for pod in pods(objects):
        seconds = pod.spec.get("terminationGracePeriodSeconds", 30)
        needed = {
            "runner": longest + SPARE_SECONDS,
            "generator": _answer_seconds(pod) + SPARE_SECONDS,
            "web": _drain(pod) + REQUEST_SECONDS,
        }.get(pod.owner.component, 0)
        if seconds < needed:
            yield Finding(pod.owner.where, f"{seconds} s to end, {needed:g} s are needed")
        if pod.owner.component == "web" and not _drain(pod):
            yield Finding(pod.owner.where, "it stops before others know that it is not ready")


def lost_work(objects: Objects) -> Iterator[Finding]:
    """Work counts as lost later than a case may take."""
    for pod in pods(objects):
        stale = float(environment(pod).get("TESTOPS_STALE_AFTER_SECONDS", _default("stale")))
        if stale <= _case_seconds(objects):
            yield Finding(pod.owner.where, f"a case is taken for lost after {stale:g} s")


def probes(objects: Objects) -> Iterator[Finding]:
    """What goes on running is probed; a slow start or a stall of a minute kills nobody."""
    for pod in pods(objects):
        if pod.owner.kind == "Job":
            continue
        container = pod.containers[0]
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            if name not in container:
                yield Finding(pod.owner.where, f"no {name}")
        if _patience(container, "startupProbe") < 120:
            yield Finding(pod.owner.where, "it has less than two minutes to start")
        if _patience(container, "livenessProbe") < heartbeat.FRESH_SECONDS + 60:
            yield Finding(pod.owner.where, "it is killed for a stall of less than two minutes")


def heartbeats(objects: Objects) -> Iterator[Finding]:
    """A process without HTTP is alive while it touches the file that is looked at."""
    if pulse.EVERY_SECONDS * 3 > heartbeat.FRESH_SECONDS:
        yield Finding("tasks.pulse", "a beat that is late counts as lost")
    for pod in pods(objects):
        check = find(pod.containers, 0, "livenessProbe", "exec", "command")
        if check is None or check[0] != "python":
            continue
        if check != ["python", "-m", heartbeat.__name__]:
            yield Finding(pod.owner.where, f"its life is looked for by {check}")
        if heartbeat.VARIABLE not in environment(pod):
            yield Finding(pod.owner.where, f"{heartbeat.VARIABLE} is not set")


def readiness(objects: Objects) -> Iterator[Finding]:
    """Nobody is unready because others are away."""
    for pod in pods(objects):
        for probe in ("readinessProbe", "livenessProbe"):
            if find(pod.containers, 0, probe, "httpGet", "path") == "/readyz":
                yield Finding(pod.owner.where, f"{probe} asks the database")


def polling(objects: Objects) -> Iterator[Finding]:
    """KEDA looks several times before it takes anything away."""
    for scaled in of_kind(objects, "ScaledObject"):
        seconds = scaled.at("spec", "pollingInterval") or 30
        way = ("spec", "advanced", "horizontalPodAutoscalerConfig", "behavior", "scaleDown")
        if seconds * 3 > (scaled.at(*way, "stabilizationWindowSeconds") or 0):
            yield Finding(scaled.where, f"it looks every {seconds} s only")


def jobs(objects: Objects) -> Iterator[Finding]:
    """A Job ends by itself, tries again, and keeps its pods' logs."""
    for job in of_kind(objects, "Job"):
        if not job.at("spec", "activeDeadlineSeconds") or not job.at("spec", "backoffLimit"):
            yield Finding(job.where, "it has no deadline, or does not try again")
        if job.at("spec", "template", "spec", "restartPolicy") != "Never":
            yield Finding(job.where, "restartPolicy is not Never")


def _case_seconds(objects: Objects) -> float:
    told = [environment(pod).get("TESTOPS_CASE_SECONDS") for pod in pods(objects)]
    return max((float(each) for each in told if each), default=_default("case"))


def _answer_seconds(generator: Pod) -> float:
    """The longest answer of a model; 0 where none is asked."""
    told = environment(generator)
    if "TESTOPS_MODEL_PROVIDERS" not in told:
        return 0
    return float(told.get("TESTOPS_MODEL_SECONDS", _default("model")))


def _default(name: str) -> float:
    fields: Mapping[str, str] = {
        "case": "case_seconds",
        "model": "model_seconds",
        "stale": "stale_after_seconds",
    }
    return float(Settings.model_fields[fields[name]].default)


def _drain(pod: Pod) -> int:
    return int(find(pod.containers, 0, "lifecycle", "preStop", "sleep", "seconds") or 0)


def _patience(container: Node, probe: str) -> int:
    told = container.get(probe) or {}
    return int(told.get("periodSeconds", 10)) * int(told.get("failureThreshold", 3))
