"""What Argo CD is told: projects that allow what there is, waves, and who is told of a failure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

import yaml

from tests.deploy import rendering
from tests.deploy.findings import Finding, Objects
from tests.deploy.objects import Node, Object, find, of_kind
from tests.shared_material import ROOT

_SUBSCRIBED = "notifications.argoproj.io/subscribe."
_SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


def sources(objects: Objects) -> Iterator[Finding]:
    """Every application comes from one repository, out of folders and files that are there."""
    applications = of_kind(objects, "Application")
    git = {
        str(source.get("repoURL"))
        for each in applications
        for source in _sources(each)
        if "chart" not in source
    }
    if len(git) > 1:
        yield Finding("applications", f"from {sorted(git)}")
    for application in applications:
        for source in _sources(application):
            for wrong in _missing(source, _sources(application)):
                yield Finding(application.where, f"there is no {wrong}")
    deployed = {environment for each in applications if (environment := environment_of(each))}
    for name in sorted(deployed ^ set(rendering.ENVIRONMENTS)):
        yield Finding("applications", f"environment {name}: values and applications do not agree")


def _sources(application: Object) -> list[Node]:
    """Where an application comes from: one place, or several."""
    one: Node | None = application.at("spec", "source")
    return [one] if one else list(application.at("spec", "sources") or [])


def _missing(source: Node, beside: list[Node]) -> Iterator[str]:
    """What a source names that is not there."""
    folder = ROOT / str(source.get("path", ""))
    if not folder.is_dir():
        yield f"folder {source.get('path')}"
    if "chart" in source and source["chart"] != rendering.CHART.name:
        yield f"chart {source['chart']}"
    referred = {f"${each['ref']}" for each in beside if "ref" in each}
    for name in find(source, "helm", "valueFiles") or []:
        first, _, rest = str(name).partition("/")
        if not (ROOT / rest if first in referred else folder / name).is_file():
            yield f"file {name}"


def releases(objects: Objects) -> Iterator[Finding]:
    """Chart and image come together: a released chart names its image, a branch's is given one.

    Else a change of the chart is in production when it is merged, with whatever image runs there.
    """
    for application in of_kind(objects, "Application"):
        environment = environment_of(application)
        if environment not in rendering.ENVIRONMENTS:
            continue
        values = yaml.safe_load(rendering.values_of(environment).read_text("utf-8"))
        named = {"tag", "digest"} & set(values.get("image", {}))
        for source in _sources(application):
            if "chart" in source:
                if not re.fullmatch(r"\d+\.\d+\.\d+", str(source.get("targetRevision"))):
                    yield Finding(application.where, "its chart is no release")
                if named:
                    yield Finding(application.where, f"its values name the image's {named} as well")
            elif source.get("path") and not named:
                yield Finding(
                    application.where, "its chart is a branch's, and its image is not told"
                )


def projects(objects: Objects) -> Iterator[Finding]:
    """A project allows its applications' source and place, and just the kinds that they have."""
    known = {project.name: project for project in of_kind(objects, "AppProject")}
    for application in of_kind(objects, "Application"):
        project = known.get(str(application.at("spec", "project")))
        if project is None:
            yield Finding(application.where, "its project is not there")
            continue
        for source in _sources(application):
            if source.get("repoURL") not in project.at("spec", "sourceRepos"):
                yield Finding(application.where, "its project does not allow its source")
        if application.at("spec", "destination") not in project.at("spec", "destinations"):
            yield Finding(application.where, "its project does not allow its place")
    for project in known.values():
        allowed = {_kind(each) for each in project.at("spec", "namespaceResourceWhitelist") or []}
        for kind in sorted(allowed ^ _wanted(objects, project.name)):
            yield Finding(project.where, f"{kind}: allowed and deployed do not agree")


def _wanted(objects: Objects, project: str) -> set[str]:
    """The kinds that a project's applications have.

    Who may make applications may give them any project, and so has the rights of all: that is for
    the application of applications, in a project of its own.
    """
    mine = [o for o in of_kind(objects, "Application") if o.at("spec", "project") == project]
    if any(environment_of(each) for each in mine):
        # StatefulSets make claims, and those of old replicas are seen as theirs.
        return _deployed() | {"/PersistentVolumeClaim"}
    return {"argoproj.io/Application"}


def _kind(rule: Node) -> str:
    return f"{rule.get('group')}/{rule.get('kind')}"


def _deployed() -> set[str]:
    return {
        f"{o.group}/{o.kind}" for name in rendering.ENVIRONMENTS for o in rendering.rendered(name)
    }


def synchronised(objects: Objects) -> Iterator[Finding]:
    """What Git says comes by itself, what it does not say goes, and nobody changes it by hand."""
    for application in of_kind(objects, "Application"):
        automated = application.at("spec", "syncPolicy", "automated") or {}
        if automated.get("prune") is not True or automated.get("selfHeal") is not True:
            yield Finding(application.where, "it does not prune, or does not heal itself")
        if not application.at("spec", "syncPolicy", "retry", "limit"):
            yield Finding(application.where, "it tries once only")
        compared = application.annotations.get("argocd.argoproj.io/compare-options")
        if "ServerSideApply=true" in _options(application) and compared != "ServerSideDiff=true":
            yield Finding(application.where, "what the server fills in is taken for a difference")
        created = "CreateNamespace=true" in _options(application)
        level = ("metadata", "labels", "pod-security.kubernetes.io/enforce")
        managed = find(application.at("spec", "syncPolicy", "managedNamespaceMetadata"), *level[1:])
        if created and managed != "restricted":
            yield Finding(application.where, "its namespace does not demand restricted pods")


def replicas(objects: Objects) -> Iterator[Finding]:
    """How many there are is passed over where an autoscaler says it, and nowhere else."""
    for application in of_kind(objects, "Application"):
        environment = environment_of(application)
        if environment not in rendering.ENVIRONMENTS:
            continue
        ignored = application.at("spec", "ignoreDifferences") or []
        told = {(d.get("kind"), d.get("name")) for d in ignored}
        if any(d.get("jsonPointers") != ["/spec/replicas"] for d in ignored):
            yield Finding(application.where, f"it passes over more than replicas: {ignored}")
        scaled = {
            (
                scaler.at("spec", "scaleTargetRef", "kind"),
                scaler.at("spec", "scaleTargetRef", "name"),
            )
            for scaler in of_kind(rendering.rendered(environment), *_SCALERS)
        }
        if told != scaled:
            yield Finding(application.where, f"replicas of {told}, autoscaled are {scaled}")
        if bool(told) != ("RespectIgnoreDifferences=true" in _options(application)):
            yield Finding(application.where, "RespectIgnoreDifferences and differences disagree")


def subscriptions(objects: Objects) -> Iterator[Finding]:
    """Somebody is told of a failure, by triggers and ways that are there."""
    known = _told(objects)
    for application in of_kind(objects, "Application"):
        subscribed = [name for name in application.annotations if name.startswith(_SUBSCRIBED)]
        if not any("on-sync-failed" in name for name in subscribed):
            yield Finding(application.where, "nobody is told where it fails")
        for name in subscribed:
            trigger, _, service = name.removeprefix(_SUBSCRIBED).partition(".")
            for wanted in {f"trigger.{trigger}", f"service.{service}"} - known.keys():
                yield Finding(application.where, f"there is no {wanted}")


def triggers(objects: Objects) -> Iterator[Finding]:
    """A trigger sends messages that are there."""
    known = _told(objects)
    for name, text in known.items():
        for sent in _sent(text) if name.startswith("trigger.") else ():
            if f"template.{sent}" not in known:
                yield Finding(name, f"there is no template.{sent}")


def _told(objects: Objects) -> Mapping[str, str]:
    """What Argo CD's notifications are made of."""
    maps = [settings.at("data") or {} for settings in of_kind(objects, "ConfigMap")]
    return {str(key): str(text) for data in maps for key, text in data.items()}


def _sent(trigger: str) -> Iterator[str]:
    for line in trigger.splitlines():
        name, _, names = line.strip().partition(": ")
        if name == "send":
            yield from names.strip("[]").split(", ")


def environment_of(application: Object) -> str:
    """The environment whose values an application takes; empty for one of other manifests."""
    files = json.dumps([find(each, "helm", "valueFiles") for each in _sources(application)])
    return (
        files.rpartition("/environments/")[2].partition("/")[0] if "/environments/" in files else ""
    )


def _options(application: Object) -> list[str]:
    return list(application.at("spec", "syncPolicy", "syncOptions") or [])
