"""What names something by labels, ports or name finds it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.factory import FORM_BYTES
from app.settings import Settings
from tests.deploy.findings import Finding, Objects
from tests.deploy.objects import WORKLOADS, Object, Pod, find, matches, of_kind, pods
from tests.deploy.rules.scaling import environment

#: Units of sizes in nginx's configuration.
_NGINX = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def workloads(objects: Objects) -> Iterator[Finding]:
    """A workload's selector takes its own pods, and nobody else's."""
    everyone = list(pods(objects))
    for pod in everyone:
        selector = pod.owner.at("spec", "selector")
        if selector is None:
            continue
        if not matches(selector, pod.labels):
            yield Finding(pod.owner.where, "its selector does not match its own pods")
        for other in everyone:
            if other.owner is not pod.owner and matches(selector, other.labels):
                yield Finding(pod.owner.where, f"its selector takes pods of {other.owner.where}")


def services(objects: Objects) -> Iterator[Finding]:
    """A Service has pods, and each of its ports is one of theirs."""
    for service in of_kind(objects, "Service"):
        taken = _taken(objects, {"matchLabels": service.at("spec", "selector") or {}})
        if not taken:
            yield Finding(service.where, "its selector matches no pods")
        for port in service.at("spec", "ports") or []:
            target = port.get("targetPort", port.get("port"))
            for pod in taken:
                if target not in pod.ports and target not in pod.ports.values():
                    yield Finding(service.where, f"{pod.owner.where} has no port {target}")


def probes(objects: Objects) -> Iterator[Finding]:
    """A probe asks a port that its container names."""
    for pod in pods(objects):
        for container in pod.containers:
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                for way in ("httpGet", "tcpSocket"):
                    port = find(container, probe, way, "port")
                    if port is not None and port not in {*pod.ports, *pod.ports.values()}:
                        yield Finding(pod.owner.where, f"{probe} asks an unknown port {port}")


def budgets(objects: Objects) -> Iterator[Finding]:
    """A PodDisruptionBudget takes one workload's pods, and lets nodes be drained."""
    for budget in of_kind(objects, "PodDisruptionBudget"):
        if len(_taken(objects, budget.at("spec", "selector") or {})) != 1:
            yield Finding(budget.where, "its selector does not match the pods of one workload")
        if budget.at("spec", "maxUnavailable") in {None, 0, "0", "0%"}:
            yield Finding(budget.where, "it may block a drain: maxUnavailable must be at least 1")


def monitors(objects: Objects) -> Iterator[Finding]:
    """A PodMonitor takes every lasting process of ours, at a port each has."""
    for monitor in of_kind(objects, "PodMonitor"):
        taken = _taken(objects, monitor.at("spec", "selector") or {})
        ports = {find(end, "port") for end in monitor.at("spec", "podMetricsEndpoints") or []}
        ours = [pod for pod in pods(objects) if pod.owner.kind in {"Deployment", "Rollout"}]
        for pod in ours:
            if pod.owner not in [each.owner for each in taken]:
                yield Finding(monitor.where, f"it does not watch {pod.owner.where}")
            elif not ports & set(pod.ports):
                yield Finding(monitor.where, f"{pod.owner.where} has none of its ports")


def scale_targets(objects: Objects) -> Iterator[Finding]:
    """An autoscaler names a workload that is there."""
    for scaler in of_kind(objects, "HorizontalPodAutoscaler", "ScaledObject"):
        target = scaler.at("spec", "scaleTargetRef") or {}
        wanted = (target.get("kind", "Deployment"), target.get("name"))
        if wanted not in [(each.kind, each.name) for each in objects if each.kind in WORKLOADS]:
            yield Finding(scaler.where, f"there is no {wanted[0]} {wanted[1]}")


def ingresses(objects: Objects) -> Iterator[Finding]:
    """An Ingress leads to a Service and a port that are there."""
    known = {service.name: service for service in of_kind(objects, "Service")}
    for ingress in of_kind(objects, "Ingress"):
        for backend in _backends(ingress):
            service = known.get(str(backend.get("name")))
            ports = service.at("spec", "ports") or [] if service else []
            offered = {value for port in ports for value in (port.get("name"), port.get("port"))}
            port = find(backend, "port", "name") or find(backend, "port", "number")
            if port not in offered:
                yield Finding(ingress.where, f"no Service {backend.get('name')} with port {port}")


def uploads(objects: Objects) -> Iterator[Finding]:
    """An Ingress lets through what web takes: nginx refuses more than 1 MB where it is not told."""
    for ingress in of_kind(objects, "Ingress"):
        if ingress.at("spec", "ingressClassName") != "nginx":
            continue
        told = str(ingress.annotations.get("nginx.ingress.kubernetes.io/proxy-body-size", "1m"))
        size = re.fullmatch(r"(\d+)([kmg]?)", told, re.IGNORECASE)
        if size is None or int(size[1]) * _NGINX[size[2].lower()] < _largest(objects):
            yield Finding(ingress.where, f"bodies of {told} at most, web takes larger ones")


def _largest(objects: Objects) -> int:
    """The largest body that web takes, in bytes."""
    [web] = [pod for pod in pods(objects) if pod.owner.component == "web"]
    told = environment(web).get("TESTOPS_MAX_UPLOAD_BYTES")
    return int(told or Settings.model_fields["max_upload_bytes"].default) + FORM_BYTES


def accounts(objects: Objects) -> Iterator[Finding]:
    """Every pod has a ServiceAccount of its own; there is no other, and no Role."""
    named = [str(pod.spec.get("serviceAccountName")) for pod in pods(objects)]
    made = [account.name for account in of_kind(objects, "ServiceAccount")]
    for name in sorted(set(named) ^ set(made)):
        yield Finding(f"ServiceAccount/{name}", "made and used do not agree")
    for name in sorted({name for name in named if named.count(name) > 1}):
        yield Finding(f"ServiceAccount/{name}", "shared by several workloads")
    for role in of_kind(objects, "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"):
        yield Finding(role.where, "no process asks Kubernetes for anything")


def names(objects: Objects) -> Iterator[Finding]:
    """No two objects are one."""
    keys = [(each.group, each.kind, each.name) for each in objects]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Finding(f"{key[1]}/{key[2]}", "there are two of this name")


def _taken(objects: Objects, selector: dict[str, object]) -> list[Pod]:
    return [pod for pod in pods(objects) if selector and matches(selector, pod.labels)]


def _backends(ingress: Object) -> Iterator[dict[str, object]]:
    for rule in ingress.at("spec", "rules") or []:
        for path in find(rule, "http", "paths") or []:
            yield find(path, "backend", "service") or {}
