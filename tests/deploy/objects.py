"""Objects of Kubernetes as they were rendered, and the pods in them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

#: A piece of an object: what it holds is for the schemas to say.
Node = Mapping[str, Any]

#: Kinds that start pods.
WORKLOADS = ("Deployment", "StatefulSet", "Job", "Rollout")
COMPONENT = "app.kubernetes.io/component"


@dataclass(frozen=True, slots=True)
class Object:
    """One document of what was rendered."""

    body: Node

    @property
    def kind(self) -> str:
        return str(self.body.get("kind"))

    @property
    def group(self) -> str:
        """The API's group; empty for the core."""
        return str(self.body.get("apiVersion", "")).rpartition("/")[0]

    @property
    def name(self) -> str:
        return str(self.at("metadata", "name"))

    @property
    def labels(self) -> Node:
        return dict(self.at("metadata", "labels") or {})

    @property
    def annotations(self) -> Node:
        return dict(self.at("metadata", "annotations") or {})

    @property
    def component(self) -> str:
        return str(self.labels.get(COMPONENT, ""))

    @property
    def where(self) -> str:
        return f"{self.kind}/{self.name}"

    def at(self, *path: str | int) -> Any:  # noqa: ANN401 - what lies there is for the schema to say
        """What lies at a path; None where there is no such path."""
        return find(self.body, *path)

    def copied(self) -> Object:
        """One that can be changed without harm to this one."""
        return Object(copy.deepcopy(self.body))


@dataclass(frozen=True, slots=True)
class Pod:
    """The template of a workload's pods."""

    owner: Object
    template: Node

    @property
    def labels(self) -> Node:
        return dict(find(self.template, "metadata", "labels") or {})

    @property
    def spec(self) -> Node:
        return dict(find(self.template, "spec") or {})

    @property
    def containers(self) -> list[Node]:
        return [*self.spec.get("initContainers", []), *self.spec.get("containers", [])]

    @property
    def ports(self) -> Mapping[str, int]:
        """Name → number."""
        return {
            str(port.get("name")): int(port["containerPort"])
            for container in self.containers
            for port in container.get("ports", [])
        }


def find(node: Any, *path: str | int) -> Any:  # noqa: ANN401 - the same
    """What lies at a path below a node; None where there is no such path."""
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def read(text: str) -> tuple[Object, ...]:
    """The documents of a YAML stream that hold something."""
    return tuple(Object(body) for body in yaml.safe_load_all(text) if body)


def pods(objects: Iterable[Object]) -> Iterator[Pod]:
    """The pods that workloads start."""
    for each in objects:
        template = each.at("spec", "template")
        if each.kind in WORKLOADS and isinstance(template, Mapping):
            yield Pod(each, template)


def of_kind(objects: Iterable[Object], *kinds: str) -> list[Object]:
    """Those of some kinds."""
    return [each for each in objects if each.kind in kinds]


def matches(selector: Node, labels: Node) -> bool:
    """Whether a label selector takes labels (matchLabels and matchExpressions)."""
    wanted = selector.get("matchLabels") or {}
    if any(labels.get(name) != value for name, value in wanted.items()):
        return False
    return all(_meets(rule, labels) for rule in selector.get("matchExpressions") or [])


def _meets(rule: Node, labels: Node) -> bool:
    value, among = labels.get(rule["key"]), rule.get("values", [])
    return {
        "In": value in among,
        "NotIn": value not in among,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }[rule["operator"]]
