"""Roll-outs by Argo Rollouts: one strategy, shares that grow, judgements that can be made."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

from tests.deploy.findings import Finding, Objects
from tests.deploy.objects import Node, Object, find, of_kind

_DURATION = re.compile(r"(\d+(ms|s|m|h))+\Z")
_SERVICES = ("stableService", "canaryService", "activeService", "previewService")
_REFERENCE = re.compile(r"\{\{\s*args\.([\w-]+)\s*\}\}")


def strategies(objects: Objects) -> Iterator[Finding]:
    """A canary or blue-green, and never both, between two Services that are there."""
    services = {service.name for service in of_kind(objects, "Service")}
    ingresses = {ingress.name for ingress in of_kind(objects, "Ingress")}
    for rollout in of_kind(objects, "Rollout"):
        told: Mapping[str, Node] = rollout.at("spec", "strategy") or {}
        if set(told) not in ({"canary"}, {"blueGreen"}):
            yield Finding(rollout.where, f"its strategies are {sorted(told)}")
        for strategy in told.values():
            named = [strategy[name] for name in _SERVICES if name in strategy]
            if len(set(named)) != 2 or not set(named) <= services:
                yield Finding(rollout.where, f"its Services are {named}")
            stable = find(strategy, "trafficRouting", "nginx", "stableIngress")
            if stable is not None and stable not in ingresses:
                yield Finding(rollout.where, f"there is no Ingress {stable}")


def steps(objects: Objects) -> Iterator[Finding]:
    """A canary's shares grow and stay below everything; each is judged or waited for."""
    for rollout in of_kind(objects, "Rollout"):
        told = rollout.at("spec", "strategy", "canary", "steps") or []
        weights = [step["setWeight"] for step in told if "setWeight" in step]
        if not all(0 < weight < 100 for weight in weights) or weights != sorted(set(weights)):
            yield Finding(rollout.where, f"its shares are {weights}")
        for before, after in itertools.pairwise([*told, {}]):
            if "setWeight" in before and not {"analysis", "pause"} & set(after):
                yield Finding(rollout.where, f"nobody looks after {before['setWeight']} %")


def references(objects: Objects) -> Iterator[Finding]:
    """An analysis that is named is there, and gets each of its arguments."""
    templates = {template.name: template for template in of_kind(objects, "AnalysisTemplate")}
    for rollout in of_kind(objects, "Rollout"):
        analyses = list(_analyses(rollout))
        if not analyses:
            yield Finding(rollout.where, "nothing judges it")
        for analysis in analyses:
            given = {argument.get("name") for argument in analysis.get("args", [])}
            for reference in analysis.get("templates", []):
                template = templates.get(str(reference.get("templateName")))
                if template is None:
                    yield Finding(rollout.where, f"no analysis {reference.get('templateName')}")
                elif missing := _wanted(template) - given:
                    yield Finding(rollout.where, f"{template.name} is not given {sorted(missing)}")


def _analyses(rollout: Object) -> Iterator[Node]:
    for step in rollout.at("spec", "strategy", "canary", "steps") or []:
        if "analysis" in step:
            yield step["analysis"]
    for strategy in (rollout.at("spec", "strategy") or {}).values():
        for name in ("prePromotionAnalysis", "postPromotionAnalysis", "analysis"):
            if name in strategy:
                yield strategy[name]


def _wanted(template: Object) -> set[str]:
    return {
        a["name"] for a in template.at("spec", "args") or [] if not {"value", "valueFrom"} & set(a)
    }


def analyses(objects: Objects) -> Iterator[Finding]:
    """A judgement says what it makes of no data and of NaN, ends, and knows its arguments."""
    for template in of_kind(objects, "AnalysisTemplate"):
        known = {argument["name"] for argument in template.at("spec", "args") or []}
        for metric in template.at("spec", "metrics") or []:
            for wrong in _metric(metric, known):
                yield Finding(template.where, f"{metric.get('name')}: {wrong}")


def _metric(metric: Node, known: set[str]) -> Iterator[str]:
    query = str(find(metric, "provider", "prometheus", "query"))
    for name in ("successCondition", "failureCondition"):
        told = str(metric.get(name, ""))
        if "len(result)" not in told:
            yield f"{name} does not say what no data means"
        if "/" in query and "isNaN(" not in told:
            yield f"{name} does not say what NaN means"
    yield from _end(metric)
    for name in ("interval", "initialDelay"):
        if not _DURATION.match(str(metric.get(name, ""))):
            yield f"{name} is {metric.get(name)}"
    for unknown in sorted(set(_REFERENCE.findall(query)) - known):
        yield f"nobody gives {unknown}"
    if not _REFERENCE.search(query):
        yield "it does not tell new pods from old ones"


def _end(metric: Node) -> Iterator[str]:
    """Once there are `count` answers, Argo Rollouts takes for good what exceeds no limit."""
    count = int(metric.get("count") or 0)
    if not count:
        yield "it never ends"
    for name in ("failureLimit", "inconclusiveLimit"):
        if int(metric.get(name, 0)) >= max(count, 1):
            yield f"{count} answers cannot exceed {name} {metric[name]}"
