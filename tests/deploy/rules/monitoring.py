"""Rules and analyses ask for metrics that there are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prometheus_client import Counter, Gauge, Histogram

from app import metrics
from tests.deploy.findings import Finding, Objects
from tests.deploy.objects import Object, find, of_kind

#: What Prometheus itself and the frame around web tell.
OTHERS = {"up", "flask_http_request_duration_seconds_count"}
#: Words of the query language (https://prometheus.io/docs/prometheus/latest/querying/basics/).
WORDS = {
    "absent", "and", "avg", "bool", "by", "ceil", "clamp_max", "clamp_min", "count", "delta",
    "group_left", "group_right", "histogram_quantile", "ignoring", "increase", "irate",
    "label_replace",
    "max", "max_over_time", "min", "min_over_time", "offset", "on", "or", "quantile", "rate",
    "scalar", "sum", "sum_over_time", "time", "topk", "unless", "vector", "without",
    "avg_over_time", "absent_over_time", "count_over_time", "inf", "nan",
}  # fmt: skip
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_BRACES = re.compile(r"\{[^{}]*\}")
_RANGE = re.compile(r"\[(\d+(?:ms|s|m|h|d|w|y))+(?::(?:\d+(?:s|m|h))?)?\]")
_OFFSET = re.compile(r"\boffset\s+-?(\d+(?:ms|s|m|h|d|w|y))+")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def declared() -> set[str]:
    """The names under which Prometheus knows our metrics."""
    found = set()
    for metric in vars(metrics).values():
        if isinstance(metric, Counter | Gauge | Histogram):
            for family in metric.collect():
                suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
                found |= {f"{family.name}{end}" for end in suffixes.get(family.type, ("",))}
    return found


def asked(expression: str) -> set[str]:
    """The metrics that a query names."""
    bare = expression
    for pattern in (_TEXT, _BRACES, _RANGE, _OFFSET, _GROUPING):
        bare = pattern.sub(" ", bare)
    return {word for word in _WORD.findall(bare) if word.lower() not in WORDS}


def trouble(expression: str) -> str:
    """Why a query cannot be meant; empty where nothing is seen. Promtool reads them for good."""
    if unknown := sorted(asked(expression) - declared() - OTHERS):
        return f"no metric {', '.join(unknown)}"
    bare = _TEXT.sub('""', expression)
    pairs = (("(", ")"), ("[", "]"), ("{", "}"))
    if any(bare.count(left) != bare.count(right) for left, right in pairs):
        return "brackets do not match"
    return "" if asked(expression) else "no metric at all"


def queries(objects: Objects) -> Iterator[Finding]:
    """Every alert and every analysis."""
    for each in objects:
        for expression in expressions(each):
            if wrong := trouble(expression):
                yield Finding(each.where, f"{wrong}: {expression}")


def expressions(each: Object) -> Iterator[str]:
    """The queries that an object holds."""
    if each.kind == "PrometheusRule":
        for group in each.at("spec", "groups") or []:
            yield from (str(rule.get("expr")) for rule in group.get("rules", []))
    if each.kind in {"AnalysisTemplate", "ClusterAnalysisTemplate"}:
        for metric in each.at("spec", "metrics") or []:
            query = find(metric, "provider", "prometheus", "query")
            if query is not None:
                yield str(query)


def alerts(objects: Objects) -> Iterator[Finding]:
    """An alert says how bad it is and what to look at, under a name of its own."""
    for each in of_kind(objects, "PrometheusRule"):
        rules = [rule for group in each.at("spec", "groups") or [] for rule in group["rules"]]
        names = [str(rule.get("alert")) for rule in rules]
        for name, rule in zip(names, rules, strict=True):
            if names.count(name) > 1:
                yield Finding(each.where, f"two alerts {name}")
            if not find(rule, "labels", "severity") or not find(rule, "annotations", "summary"):
                yield Finding(each.where, f"{name} has no severity or no summary")
