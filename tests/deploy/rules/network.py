"""Connections are denied unless they are named, and names are resolved."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence

from tests.deploy import connections
from tests.deploy.findings import Finding, Objects, Rule
from tests.deploy.objects import Node, matches, of_kind, pods


def denied_by_default(objects: Objects) -> Iterator[Finding]:
    """A policy without any rule holds every pod in both directions."""
    policies = of_kind(objects, "NetworkPolicy")
    bare = [
        each
        for each in policies
        if not each.at("spec", "ingress")
        and not each.at("spec", "egress")
        and set(each.at("spec", "policyTypes") or []) == {"Ingress", "Egress"}
    ]
    for pod in pods(objects) if policies else ():
        if not any(matches(each.at("spec", "podSelector") or {}, pod.labels) for each in bare):
            yield Finding(pod.owner.where, "no policy denies it everything first")


def well_formed(objects: Objects) -> Iterator[Finding]:
    """Types are spelt as Kubernetes spells them, and rules stand where a type names them."""
    for policy in of_kind(objects, "NetworkPolicy"):
        types = set(policy.at("spec", "policyTypes") or [])
        if not types or types - {"Ingress", "Egress"}:
            yield Finding(policy.where, f"policyTypes are {sorted(types)}")
        for way, kind in (("ingress", "Ingress"), ("egress", "Egress")):
            if policy.at("spec", way) and kind not in types:
                yield Finding(policy.where, f"{way} has rules, policyTypes has no {kind}")
        taken = [p for p in pods(objects) if matches(policy.at("spec", "podSelector"), p.labels)]
        if not taken:
            yield Finding(policy.where, "it selects no pods")
        for wrong in _blocks(policy.body):
            yield Finding(policy.where, wrong)


def _blocks(policy: Node) -> Iterator[str]:
    rules = [*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])]
    peers = [peer for rule in rules for peer in (rule.get("to") or rule.get("from") or [])]
    for block in (peer["ipBlock"] for peer in peers if "ipBlock" in peer):
        try:
            whole = ipaddress.ip_network(block["cidr"])
            parts = [ipaddress.ip_network(part) for part in block.get("except", [])]
        except ValueError as error:
            yield str(error)
            continue
        for part in parts:
            if part.version != whole.version or not part.subnet_of(whole):  # type: ignore[arg-type]  # compared just before
                yield f"{part} is no part of {whole}"


def names_are_resolved(objects: Objects) -> Iterator[Finding]:
    """Who may connect to anything may ask for names, over UDP and TCP."""
    policies = of_kind(objects, "NetworkPolicy")
    for policy in policies:
        rules: Sequence[Node] = policy.at("spec", "egress") or []
        told = {
            (port.get("protocol"), port.get("port"))
            for rule in rules
            for port in rule.get("ports", [])
        }
        if rules and not {("UDP", 53), ("TCP", 53)} <= told:
            yield Finding(policy.where, "it cannot resolve names over UDP and TCP")


def runner_apart(objects: Objects) -> Iterator[Finding]:
    """The process that executes test scripts has no way to the database."""
    if "postgres 5432/TCP" in connections.allowed(objects).get("runner", []):
        yield Finding("NetworkPolicy", "the runner reaches PostgreSQL")


def as_agreed(matrix: Mapping[str, Sequence[str]]) -> Rule:
    """A rule: the connections that are allowed are just those of a matrix."""

    def differs(objects: Objects) -> Iterator[Finding]:
        found = connections.allowed(objects)
        for source in sorted({*found, *matrix}):
            for edge in sorted(set(found.get(source, [])) ^ set(matrix.get(source, []))):
                way = "not agreed" if edge in found.get(source, []) else "missing"
                yield Finding("connections", f"{source} → {edge}: {way}")

    return differs
