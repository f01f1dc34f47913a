"""Pod Security "restricted" for every pod, and more than it: read-only roots, no tokens.

https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.deploy.findings import Finding, Objects
from tests.deploy.objects import Node, Pod, find, pods

#: The user of the image, and of the profile in which the runner's cage is attacked.
USER = 10001
_FROM_THE_HOST = ("hostNetwork", "hostPID", "hostIPC", "hostUsers")
#: What the standard lets a pod mount.
_VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim",
    "projected", "secret",
}  # fmt: skip


def restricted(objects: Objects) -> Iterator[Finding]:
    """Every pod of every workload, jobs too."""
    for pod in pods(objects):
        for wrong in (*_of_pod(pod), *(w for c in pod.containers for w in _of_container(c))):
            yield Finding(pod.owner.where, wrong)


def _of_pod(pod: Pod) -> Iterator[str]:
    spec, context = pod.spec, pod.spec.get("securityContext") or {}
    if context.get("runAsNonRoot") is not True:
        yield "runAsNonRoot is not set"
    user = context.get("runAsUser")
    if pod.owner.kind == "StatefulSet":
        if not user:
            yield "no user that is not root"
    elif (user, context.get("runAsGroup")) != (USER, USER):
        yield f"it does not run as {USER}"
    if find(context, "seccompProfile", "type") != "RuntimeDefault":
        yield "seccomp is not RuntimeDefault"
    if spec.get("automountServiceAccountToken") is not False:
        yield "it gets a token"
    if spec.get("enableServiceLinks") is not False:
        yield "other Services stand in its environment"
    yield from (f"{name} is set" for name in _FROM_THE_HOST if spec.get(name))
    for volume in spec.get("volumes", []):
        if set(volume) - {"name"} - _VOLUMES:
            yield f"volume {volume.get('name')} is not allowed"


def _of_container(container: Node) -> Iterator[str]:
    context = container.get("securityContext") or {}
    if context.get("allowPrivilegeEscalation") is not False:
        yield "it may gain rights"
    if context.get("readOnlyRootFilesystem") is not True:
        yield "its root can be written to"
    if find(context, "capabilities", "drop") != ["ALL"] or find(context, "capabilities", "add"):
        yield "it has capabilities"
    if context.get("privileged") or context.get("procMount") not in {None, "Default"}:
        yield "it is privileged"
    for name in ("runAsUser", "runAsGroup"):
        if context.get(name) == 0:
            yield f"{name} is root's"
    if any(port.get("hostPort") for port in container.get("ports", [])):
        yield "it takes a port of the host"
    if not any(mount.get("mountPath") == "/tmp" for mount in container.get("volumeMounts", [])):  # noqa: S108 - a pod's
        yield "it has no /tmp"
