"""Who may talk to whom, worked out from NetworkPolicies as a network plugin does.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.deploy.findings import Objects
from tests.deploy.objects import Node, Object, Pod, find, matches, of_kind, pods


def allowed(objects: Objects) -> dict[str, list[str]]:
    """Source → where it may connect to, as `destination port/protocol`; all in order."""
    edges: dict[str, set[str]] = {}
    for source, destination in (*_inside(objects), *_outwards(objects), *_inwards(objects)):
        edges.setdefault(source, set()).add(destination)
    return {source: sorted(edges[source]) for source in sorted(edges)}


def _inside(objects: Objects) -> Iterator[tuple[str, str]]:
    everyone = list(pods(objects))
    for source in everyone:
        for target in everyone:
            for number in target.ports.values():
                out = _lets(_policies(objects, source, "Egress"), "egress", target, number)
                into = _lets(_policies(objects, target, "Ingress"), "ingress", source, number)
                if out and into:
                    yield source.owner.component, f"{target.owner.component} {number}/TCP"


def _lets(policies: list[Object], way: str, other: Pod, number: int) -> bool:
    """Whether policies let a pod's traffic with another pod pass; without policies all does."""
    return not policies or any(
        _takes(rule, way, other) and (not rule.get("ports") or number in _numbers(rule))
        for policy in policies
        for rule in policy.at("spec", way) or []
    )


def _takes(rule: Node, way: str, other: Pod) -> bool:
    peers = rule.get("to" if way == "egress" else "from")
    return not peers or any(
        "podSelector" in peer
        and "namespaceSelector" not in peer
        and matches(peer["podSelector"], other.labels)
        for peer in peers
    )


def _outwards(objects: Objects) -> Iterator[tuple[str, str]]:
    for pod in pods(objects):
        source, policies = pod.owner.component, _policies(objects, pod, "Egress")
        if not policies:
            yield source, "anything"
        for policy in policies:
            for rule in policy.at("spec", "egress") or []:
                for peer in _foreign(rule.get("to")):
                    yield source, f"{peer} {_spoken(rule)}"


def _inwards(objects: Objects) -> Iterator[tuple[str, str]]:
    for pod in pods(objects):
        target, policies = pod.owner.component, _policies(objects, pod, "Ingress")
        if not policies:
            yield "anybody", target
        for policy in policies:
            for rule in policy.at("spec", "ingress") or []:
                for peer in _foreign(rule.get("from")):
                    yield peer, f"{target} {_spoken(rule)}"


def _policies(objects: Objects, pod: Pod, kind: str) -> list[Object]:
    """Those that isolate a pod in one direction."""
    return [
        policy
        for policy in of_kind(objects, "NetworkPolicy")
        if kind in (policy.at("spec", "policyTypes") or [])
        and matches(policy.at("spec", "podSelector") or {}, pod.labels)
    ]


def _foreign(peers: list[Node] | None) -> Iterator[str]:
    """Peers that are not pods of this release; who names none, names everybody."""
    if not peers:
        yield "everybody"
    for peer in peers or []:
        if block := peer.get("ipBlock"):
            less = ", ".join(block.get("except", []))
            yield f"{block.get('cidr')}{f' but {less}' if less else ''}"
        elif "namespaceSelector" in peer:
            yield f"{_told(peer['namespaceSelector'])} {_told(peer.get('podSelector') or {})}"


def _told(selector: Node) -> str:
    labels: Mapping[str, str] = selector.get("matchLabels") or {}
    return ",".join(f"{name.rpartition('/')[2]}={value}" for name, value in labels.items()) or "all"


def _numbers(rule: Node) -> set[int]:
    return {int(find(port, "port")) for port in rule.get("ports", [])}


def _spoken(rule: Node) -> str:
    ports = [f"{port.get('port')}/{port.get('protocol')}" for port in rule.get("ports", [])]
    return ", ".join(ports) or "any port"
