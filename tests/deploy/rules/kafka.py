"""How Kafka is spoken to: by all processes alike, with files that are there, and by KEDA too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from tests.deploy.findings import Finding, Objects
from tests.deploy.objects import Node, Pod, find, of_kind, pods

_SETTINGS = "TESTOPS_KAFKA_"
_FILE = "_FILE"
#: Mechanism → what KEDA calls it.
_SASL = {"PLAIN": "plaintext", "SCRAM-SHA-256": "scram_sha256", "SCRAM-SHA-512": "scram_sha512"}
#: Setting → parameter of KEDA's trigger that has to say the same.
_PARAMETERS = {
    "SASL_USERNAME": "username",
    "SASL_PASSWORD": "password",
    "SSL_CA_FILE": "ca",
    "SSL_CERTIFICATE_FILE": "cert",
    "SSL_KEY_FILE": "key",
    "SSL_KEY_PASSWORD": "keyPassword",
}

#: The name of a Secret and one of its keys; empty texts where it is none.
Place = tuple[str, str]


def alike(objects: Objects) -> Iterator[Finding]:
    """All processes that know Kafka's address are told the same of how to speak to it."""
    told = {pod.owner.where: _told(pod) for pod in pods(objects)}
    told = {where: settings for where, settings in told.items() if settings}
    first = next(iter(told.values()), {})
    for where, settings in told.items():
        if settings != first:
            names = sorted({name for name, _ in settings.items() ^ first.items()})
            yield Finding(where, f"{', '.join(names)}: other than in {next(iter(told))}")


def files(objects: Objects) -> Iterator[Finding]:
    """Each file that a process is told of is brought by a Secret, and cannot be written to."""
    for pod in pods(objects):
        for name, value in _told(pod).items():
            if name.endswith(_FILE) and _place(pod, value) == ("", ""):
                yield Finding(pod.owner.where, f"{name}: no Secret is mounted with {value}")


def triggers(objects: Objects) -> Iterator[Finding]:
    """KEDA signs in as the workload that it scales does, by the same keys of the same Secrets."""
    workloads = {(pod.owner.kind, pod.owner.name): pod for pod in pods(objects)}
    for scaled in of_kind(objects, "ScaledObject"):
        target = scaled.at("spec", "scaleTargetRef") or {}
        pod = workloads.get((str(target.get("kind")), str(target.get("name"))))
        for trigger in scaled.at("spec", "triggers") or []:
            for wrong in _trigger(trigger, pod, objects) if pod else ():
                yield Finding(scaled.where, wrong)


def _trigger(trigger: Node, pod: Pod, objects: Objects) -> Iterator[str]:
    settings, metadata = _told(pod), trigger.get("metadata") or {}
    protocol = settings.get("SECURITY_PROTOCOL", "")
    wanted = {
        "tls": "enable" if protocol.endswith("SSL") else "disable",
        "sasl": _SASL.get(settings.get("SASL_MECHANISM", ""), "none"),
    }
    for name, default in (("tls", "disable"), ("sasl", "none")):
        if metadata.get(name, default) != wanted[name]:
            yield f"{name} is {metadata.get(name)}, the worker speaks {protocol}"
    known = _known(find(trigger, "authenticationRef", "name"), objects)
    for setting, parameter in _PARAMETERS.items():
        place = _source(pod, setting, settings)
        if known.get(parameter) != place:
            yield f"{parameter} comes from {known.get(parameter)}, the worker's from {place}"


def _known(name: str | None, objects: Objects) -> Mapping[str, Place]:
    """Parameter → where KEDA has it from."""
    found = [o for o in of_kind(objects, "TriggerAuthentication") if o.name == name]
    entries = [each for one in found for each in one.at("spec", "secretTargetRef") or []]
    return {str(each["parameter"]): (str(each["name"]), str(each["key"])) for each in entries}


def _source(pod: Pod, setting: str, settings: Mapping[str, str]) -> Place | None:
    """Where a process has a setting, or the file that it names, from; None without the setting."""
    if setting not in settings:
        return None
    if setting.endswith(_FILE):
        return _place(pod, settings[setting])
    return _divided(settings[setting])


def _told(pod: Pod) -> Mapping[str, str]:
    """Setting without its prefix → its value, or `Secret/key`; empty for who knows no Kafka."""
    found = {}
    for variable in find(pod.containers, 0, "env") or []:
        name, key = str(variable.get("name")), find(variable, "valueFrom", "secretKeyRef")
        if name.startswith(_SETTINGS):
            value = f"{key['name']}/{key['key']}" if key else str(variable.get("value"))
            found[name.removeprefix(_SETTINGS)] = value
    return found


def _divided(text: str) -> Place:
    name, _, key = text.partition("/")
    return name, key


def _place(pod: Pod, path: str) -> Place:
    """Which key of which Secret a file is, mounted read-only."""
    way = PurePosixPath(path)
    for mount in find(pod.containers, 0, "volumeMounts") or []:
        if mount.get("mountPath") == str(way.parent) and mount.get("readOnly"):
            for secret in _secrets(pod.spec, mount.get("name")):
                for item in secret.get("items", []):
                    if item.get("path") == way.name:
                        return str(secret.get("name")), str(item.get("key"))
    return "", ""


def _secrets(spec: Node, volume: object) -> Iterator[Node]:
    for each in spec.get("volumes", []):
        for source in find(each, "projected", "sources") or [] if each["name"] == volume else ():
            if "secret" in source:
                yield source["secret"]
