"""What a pod is made of is there: volumes, keys of Secrets, images, quantities."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tests.deploy.findings import Finding, Objects
from tests.deploy.objects import Node, find, of_kind, pods

#: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?\Z")
SCALE = {
    "m": 0.001, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip
#: `$(NAME)` in a variable's value.
REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")


def amount(quantity: object) -> float | None:
    """A quantity as a number; None where it is none."""
    found = QUANTITY.match(str(quantity))
    return float(found[1]) * SCALE[found[2] or ""] if found else None


def volumes(objects: Objects) -> Iterator[Finding]:
    """Every mount has a volume, every volume a mount, and no two mounts share a path."""
    for pod in pods(objects):
        claims = pod.owner.at("spec", "volumeClaimTemplates") or []
        made = [str(volume.get("name")) for volume in pod.spec.get("volumes", [])]
        made += [str(find(claim, "metadata", "name")) for claim in claims]
        mounts = [m for container in pod.containers for m in container.get("volumeMounts", [])]
        for name in sorted({str(mount.get("name")) for mount in mounts} ^ set(made)):
            yield Finding(pod.owner.where, f"volume {name}: made and mounted do not agree")
        paths = [mount.get("mountPath") for mount in mounts]
        for path in sorted({str(path) for path in paths if paths.count(path) > 1}):
            yield Finding(pod.owner.where, f"two volumes at {path}")


def secret_keys(objects: Objects) -> Iterator[Finding]:
    """What an ExternalSecret makes is all that pods read, and no template makes a Secret."""
    made = {
        (external.at("spec", "target", "name"), entry.get("secretKey"))
        for external in of_kind(objects, "ExternalSecret")
        for entry in external.at("spec", "data") or []
    }
    for secret in of_kind(objects, "Secret"):
        yield Finding(secret.where, "no template may make a Secret")
    for pod in pods(objects):
        for container in pod.containers:
            for variable in container.get("env", []):
                key = find(variable, "valueFrom", "secretKeyRef")
                if not key or not made or key.get("optional"):
                    continue
                if (key.get("name"), key.get("key")) not in made:
                    yield Finding(pod.owner.where, f"nobody makes the key {key.get('key')}")


def variables(objects: Objects) -> Iterator[Finding]:
    """A variable is set once, to something, and names only variables that stand before it."""
    for pod in pods(objects):
        for container in pod.containers:
            before: list[str] = []
            for variable in container.get("env", []):
                name = str(variable.get("name"))
                if name in before:
                    yield Finding(pod.owner.where, f"{name} is set twice")
                if variable.get("value") in {None, ""} and "valueFrom" not in variable:
                    yield Finding(pod.owner.where, f"{name} has no value")
                for named in REFERENCE.findall(str(variable.get("value", ""))):
                    if named not in before:
                        yield Finding(pod.owner.where, f"{name} names {named}, which is not set")
                before.append(name)


def quantities(objects: Objects) -> Iterator[Finding]:
    """Every container asks for processor and memory and is limited, no request above its limit."""
    for pod in pods(objects):
        for container in pod.containers:
            resources = container.get("resources") or {}
            for finding in _resources(resources):
                yield Finding(pod.owner.where, finding)
        for volume in pod.spec.get("volumes", []):
            size = find(volume, "emptyDir", "sizeLimit")
            if "emptyDir" in volume and amount(size) is None:
                yield Finding(pod.owner.where, f"volume {volume.get('name')}: size {size}")
    for owner in of_kind(objects, "StatefulSet"):
        for claim in owner.at("spec", "volumeClaimTemplates") or []:
            size = find(claim, "spec", "resources", "requests", "storage")
            if amount(size) is None:
                yield Finding(owner.where, f"size of a volume: {size}")


def _resources(resources: Mapping[str, Node]) -> Iterator[str]:
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    for name in ("cpu", "memory"):
        least, most = amount(requests.get(name)), amount(limits.get(name))
        if least is None or most is None:
            yield f"{name}: request {requests.get(name)}, limit {limits.get(name)}"
        elif not 0 < least <= most:
            yield f"{name}: the request {requests[name]} exceeds the limit {limits[name]}"


def images(objects: Objects) -> Iterator[Finding]:
    """An image has a tag or a digest, and not `latest`; one release has one image of ours."""
    ours = set()
    for pod in pods(objects):
        for container in pod.containers:
            image = str(container.get("image"))
            name = image.partition("@")[0].rpartition("/")[2]
            if "@sha256:" not in image and (":" not in name or name.endswith(":latest")):
                yield Finding(pod.owner.where, f"the image {image} is not pinned")
            if pod.owner.kind != "StatefulSet":
                ours.add(image)
    if len(ours) > 1:
        yield Finding("images", f"the processes do not share one: {', '.join(sorted(ours))}")
