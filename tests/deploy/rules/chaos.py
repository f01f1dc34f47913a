"""Experiments have an aim: what the chart renders for the environment that they break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from tests.deploy import rendering
from tests.deploy.findings import Finding, Objects
from tests.deploy.objects import Node, Object, Pod, find, matches, of_kind, pods
from tests.deploy.rules import argocd
from tests.deploy.rules.contents import amount

#: The API group of Chaos Mesh.
_EXPERIMENTS = "chaos-mesh.org"
#: Memory as `memStress` writes it.
_MEGABYTE = 2**20
#: That the kernel chooses a process to end, by its oom_score_adj.
_NEVER = -1000


def aims(objects: Objects) -> Iterator[Finding]:
    """Each selector takes pods of the environment, and names containers that they have."""
    for each in _experiments(objects):
        named = set(each.at("spec", "containerNames") or [])
        for selector in _selectors(each.at("spec")):
            taken = _taken(each, selector)
            if not taken:
                yield Finding(
                    each.where, f"it selects nobody of {each.at('metadata', 'namespace')}"
                )
            for pod in taken:
                if missing := named - {container["name"] for container in pod.containers}:
                    yield Finding(each.where, f"{pod.owner.where} has no container {missing}")


def disks(objects: Objects) -> Iterator[Finding]:
    """A volume that is to fail can be moved beside itself, which is how Chaos Mesh does it.

    https://github.com/chaos-mesh/toda: `volumePath` is where a volume is mounted, and the folder
    around it can be written to.
    """
    for each in of_kind(objects, "IOChaos"):
        volume = PurePosixPath(str(each.at("spec", "volumePath")))
        if not PurePosixPath(str(each.at("spec", "path"))).is_relative_to(volume):
            yield Finding(each.where, f"its files are not in {volume}")
        for pod in _taken(each, each.at("spec", "selector")):
            mounts = [m for c in pod.containers for m in c.get("volumeMounts", [])]
            places = {PurePosixPath(mount["mountPath"]) for mount in mounts}
            if volume not in places:
                yield Finding(each.where, f"{pod.owner.where} mounts nothing at {volume}")
            if not any(volume.parent.is_relative_to(place) for place in places):
                yield Finding(each.where, f"nothing can be written beside {volume}")


def stress(objects: Objects) -> Iterator[Finding]:
    """Stress takes most of what the container may have, and does not fall to the kernel first."""
    for each in of_kind(objects, "StressChaos"):
        memory = each.at("spec", "stressors", "memory") or {}
        cpu = each.at("spec", "stressors", "cpu") or {}
        for pod in _taken(each, each.at("spec", "selector")):
            limits: Mapping[str, str] = find(pod.containers, 0, "resources", "limits")
            if cpu and cpu.get("workers", 0) < (amount(limits["cpu"]) or 0):
                yield Finding(each.where, f"{pod.owner.where} has more processors than that")
            if memory:
                yield from (Finding(each.where, what) for what in _memory(memory, limits["memory"]))


def _memory(stressor: Node, limit: str) -> Iterator[str]:
    size = str(stressor.get("size", ""))
    if not size.endswith("MB"):
        yield f"{size} is a share of the node's memory, not of the container's"
    elif not 0.5 < int(size.removesuffix("MB")) * _MEGABYTE / (amount(limit) or 1) < 1:
        yield f"{size} is not most of {limit}"
    if stressor.get("oomScoreAdj") != _NEVER:
        yield "the kernel ends the stress before anything else"


def judges(objects: Objects) -> Iterator[Finding]:
    """The judge runs the environment's image, and asks a Service and metrics that are there."""
    for judge in of_kind(objects, "Deployment"):
        rendered = _environment(judge)
        container: Node = judge.at("spec", "template", "spec", "containers", 0)
        ours = {
            pod.containers[0]["image"] for pod in pods(rendered) if pod.owner.component == "web"
        }
        if {container["image"]} != ours:
            yield Finding(judge.where, f"its image is {container['image']}, not {sorted(ours)}")
        told = {each["name"]: each.get("value", "") for each in container["env"]}
        host = str(told["CHAOS_PLATFORM"]).removeprefix("http://").partition(":")[0]
        services = {
            f"{service.name}.{judge.at('metadata', 'namespace')}.svc"
            for service in of_kind(rendered, "Service")
        }
        if host not in services:
            yield Finding(judge.where, f"there is no Service {host}")
        if told["CHAOS_MATCHERS"] != f'namespace="{judge.at("metadata", "namespace")}"':
            yield Finding(judge.where, "it asks for metrics of others")
        if not of_kind(rendered, "PodMonitor"):
            yield Finding(judge.where, "nobody has metrics of the platform that it judges")


def _experiments(objects: Objects) -> list[Object]:
    return [o for o in objects if o.group == _EXPERIMENTS and o.kind != "Workflow"]


def _selectors(node: object) -> Iterator[Node]:
    """All of an experiment, also those of targets."""
    if isinstance(node, Mapping):
        if "selector" in node:
            yield node["selector"]
        for value in node.values():
            yield from _selectors(value)


def _taken(experiment: Object, selector: Node) -> list[Pod]:
    wanted = {
        "matchLabels": selector.get("labelSelectors") or {},
        "matchExpressions": selector.get("expressionSelectors") or [],
    }
    return [pod for pod in pods(_environment(experiment)) if matches(wanted, pod.labels)]


def _environment(each: Object) -> Objects:
    """What is rendered for the environment whose namespace an object is in; nothing for no such."""
    namespace = each.at("metadata", "namespace")
    for application in of_kind(rendering.rendered(rendering.ARGOCD), "Application"):
        environment = argocd.environment_of(application)
        if environment and application.at("spec", "destination", "namespace") == namespace:
            return rendering.rendered(environment)
    return ()
