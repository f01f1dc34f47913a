"""Every object is what its kind's schema says, in the oldest and the newest Kubernetes we support.

The schemas lie beside the project (../shared/crds); without them nothing is said.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator

import jsonschema_rs

from tests.deploy.findings import Finding, Objects, Rule
from tests.deploy.objects import Object, of_kind
from tests.shared_material import SHARED

SCHEMAS = SHARED / "crds"
VERSIONS = ("1.31.0", "1.34.0")


def present() -> bool:
    """Whether there are schemas to hold objects against."""
    return SCHEMAS.is_dir()


def of_kubernetes(version: str) -> Rule:
    """A rule: every object is valid in this version, by a closed schema of its kind."""

    def invalid(objects: Objects) -> Iterator[Finding]:
        for each in objects if present() else ():
            validator = _validator(_path(each, version))
            if validator is None:
                yield Finding(each.where, f"no schema for {each.body.get('apiVersion')}")
                continue
            for error in validator.iter_errors(each.body):
                yield Finding(
                    each.where, f"{'/'.join(map(str, error.instance_path))}: {error.message}"
                )

    return invalid


def triggers(objects: Objects) -> Iterator[Finding]:
    """A trigger on Kafka has only keys that KEDA knows: its CRD takes any."""
    validator = _validator("extra/keda-kafka-trigger.json")
    for scaled in of_kind(objects, "ScaledObject") if validator else ():
        for trigger in scaled.at("spec", "triggers") or []:
            for error in validator.iter_errors(trigger) if validator else ():
                yield Finding(scaled.where, error.message)


def sync_options(objects: Objects) -> Iterator[Finding]:
    """Argo CD passes over an option that it does not know."""
    validator = _validator("extra/argocd-sync-options.json")
    for application in of_kind(objects, "Application", "ApplicationSet") if validator else ():
        spec = "spec" if application.kind == "Application" else "spec/template/spec"
        options = application.at(*spec.split("/"), "syncPolicy", "syncOptions") or []
        for error in validator.iter_errors(options) if validator else ():
            yield Finding(application.where, error.message)


def _path(each: Object, version: str) -> str:
    api = str(each.body.get("apiVersion", "")).rpartition("/")[2]
    kind = each.kind.lower()
    if "." in each.group and not each.group.endswith(".k8s.io"):
        return f"schemas/{each.group}/{kind}_{api}.json"
    group = f"{each.group.partition('.')[0]}-" if each.group else ""
    return f"k8s/v{version}-standalone-strict/{kind}-{group}{api}.json"


@functools.cache
def _validator(path: str) -> jsonschema_rs.Validator | None:
    file = SCHEMAS / path
    if not file.is_file():
        return None
    found: jsonschema_rs.Validator = jsonschema_rs.validator_for(json.loads(file.read_text()))
    return found
