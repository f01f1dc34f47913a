"""How many of a process there are: one decides, and agrees with the transport."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.messages import topics
from bridge.transport import naming
from tests.deploy.findings import Finding, Objects
from tests.deploy.objects import Object, Pod, find, of_kind, pods

#: Queue → consumer group: the name of the Celery application, tasks.app.create(name).
GROUPS = {topics.TEST_RUN_QUEUE.name: "runner", topics.GENERATION_QUEUE.name: "generator"}
#: Process → how many partitions its topic has.
PARTITIONS = {
    "runner": topics.TEST_RUN_QUEUE.partitions,
    "generator": topics.GENERATION_QUEUE.partitions,
    topics.Group.RESULTS: topics.TEST_RESULTS.partitions,
    topics.Group.NOTIFICATIONS: topics.RUN_EVENTS.partitions,
    topics.Group.ANALYTICS: topics.RUN_EVENTS.partitions,
    topics.Group.DEAD_LETTERS: len(topics.TOPICS),
}
_SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


def one_decides(objects: Objects) -> Iterator[Finding]:
    """A workload has one autoscaler or a number of replicas, never two of these."""
    scaled: dict[tuple[str, str], list[str]] = {}
    for scaler in of_kind(objects, *_SCALERS):
        target = scaler.at("spec", "scaleTargetRef") or {}
        scaled.setdefault((str(target.get("kind")), str(target.get("name"))), []).append(
            scaler.where
        )
    for pod in pods(objects):
        owner = pod.owner
        deciders = scaled.get((owner.kind, owner.name), [])
        if len(deciders) > 1:
            yield Finding(owner.where, f"two autoscalers: {', '.join(deciders)}")
        if deciders and owner.at("spec", "replicas") is not None:
            yield Finding(owner.where, "replicas stands beside an autoscaler")
        if not deciders and owner.kind != "Job" and owner.at("spec", "replicas") is None:
            yield Finding(owner.where, "nobody says how many")


def bounds(objects: Objects) -> Iterator[Finding]:
    """At least one, at most as many as there are partitions."""
    for each in objects:
        least, most = _bounds(each)
        if least is None and most is None:
            continue
        if least is not None and most is not None and least > most:
            yield Finding(each.where, f"at least {least}, at most {most}")
        if least is not None and least < 1:
            yield Finding(each.where, "may scale to nothing: offsets of an empty group expire")
        partitions = PARTITIONS.get(each.component)
        if partitions is not None and (most or least or 0) > partitions:
            yield Finding(each.where, f"more than the {partitions} partitions of its topic")


def _bounds(each: Object) -> tuple[int | None, int | None]:
    names = {
        "HorizontalPodAutoscaler": ("minReplicas", "maxReplicas"),
        "ScaledObject": ("minReplicaCount", "maxReplicaCount"),
        "Deployment": ("replicas", "replicas"),
        "Rollout": ("replicas", "replicas"),
    }.get(each.kind)
    if names is None:
        return None, None
    least, most = each.at("spec", names[0]), each.at("spec", names[1])
    return (1 if least is None and each.kind == "HorizontalPodAutoscaler" else least), most


def triggers(objects: Objects) -> Iterator[Finding]:
    """KEDA asks for the lag of the queue that the workload's worker reads, in its group."""
    workers = {(pod.owner.kind, pod.owner.name): pod for pod in pods(objects)}
    for scaled in of_kind(objects, "ScaledObject"):
        target = scaled.at("spec", "scaleTargetRef") or {}
        pod = workers.get((str(target.get("kind")), str(target.get("name"))))
        kafka = [t for t in scaled.at("spec", "triggers") or [] if t.get("type") == "kafka"]
        if pod is None or len(kafka) != 1:
            yield Finding(scaled.where, f"{len(kafka)} triggers on Kafka for one queue")
            continue
        for wrong in _trigger(kafka[0].get("metadata") or {}, pod):
            yield Finding(scaled.where, wrong)


def _trigger(told: Mapping[str, object], pod: Pod) -> Iterator[str]:
    command = pod.containers[0].get("command") or []
    queue = command[command.index("-Q") + 1] if "-Q" in command else ""
    wanted = {
        "topic": naming.topic_of(queue) if queue else "",
        "consumerGroup": GROUPS.get(queue, ""),
        "lagThreshold": environment(pod).get("TESTOPS_RUNNER_CONCURRENCY", ""),
        "offsetResetPolicy": "earliest",
        "excludePersistentLag": "false",
        "scaleToZeroOnInvalidOffset": "false",
        "allowIdleConsumers": "false",
    }
    for name, value in wanted.items():
        if told.get(name) != value:
            yield f"{name} is {told.get(name)!r}, the worker wants {value!r}"
    ours = [address.split(":") for address in environment(pod)["TESTOPS_KAFKA_BROKERS"].split(",")]
    theirs = [address.split(":") for address in str(told.get("bootstrapServers")).split(",")]
    same = [
        here[1:] == there[1:] and (there[0] == here[0] or there[0].startswith(f"{here[0]}."))
        for here, there in zip(ours, theirs, strict=False)
    ]
    if len(ours) != len(theirs) or not all(same):
        yield f"it asks {told.get('bootstrapServers')}, the worker another broker"


def fallbacks(objects: Objects) -> Iterator[Finding]:
    """What KEDA does while it cannot ask lies within its bounds; it takes away slowly."""
    for scaled in of_kind(objects, "ScaledObject"):
        least, most = _bounds(scaled)
        replicas = scaled.at("spec", "fallback", "replicas")
        if replicas is None or not (least or 1) <= replicas <= (most or 1):
            yield Finding(scaled.where, f"fallback of {replicas} replicas")
        way = ("spec", "advanced", "horizontalPodAutoscalerConfig", "behavior", "scaleDown")
        window = scaled.at(*way, "stabilizationWindowSeconds")
        if window is None or window < 60:
            yield Finding(scaled.where, f"scale-down is stabilised for {window} s")


def environment(pod: Pod) -> Mapping[str, str]:
    """The variables of a pod's first container that have a plain value."""
    return {
        str(variable["name"]): str(variable["value"])
        for variable in find(pod.containers, 0, "env") or []
        if "value" in variable
    }
