"""The chart renders for every set-up, the same each time, and refuses what contradicts itself."""

from __future__ import annotations

import copy
import functools
import json
import operator
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from docs import chart as chart_page
from tests.deploy import matrix, rendering
from tests.deploy.objects import of_kind
from tests.deploy.rendering import CHART

pytestmark = [rendering.needs_helm, pytest.mark.xdist_group("deploy")]

#: What every set-up has: ten processes, two jobs.
ALWAYS = {"Deployment": 10, "Job": 2, "ServiceAccount": 12, "PodDisruptionBudget": 10, "Service": 2}
POLICIES = {"NetworkPolicy": 13}
TRIAL = {"StatefulSet": 2, "ServiceAccount": 2, "Service": 2, "NetworkPolicy": 2}
FLOWER = {"Deployment": 1, "ServiceAccount": 1, "PodDisruptionBudget": 1, "Service": 1}
MONITORING = {"PodMonitor": 1, "PrometheusRule": 1}
HPA, KEDA = "HorizontalPodAutoscaler", "ScaledObject"

#: What a roll-out of web has in place of its Deployment.
ROLLOUT = {"Rollout": 1, "AnalysisTemplate": 1, "Service": 1, "PodMonitor": 1, "NetworkPolicy": 13}

COUNTS: Mapping[str, Counter[str]] = {
    "all-in-one": Counter(ALWAYS) + Counter(POLICIES) + Counter(TRIAL),
    "blue-green": Counter(ALWAYS) - Counter({"Deployment": 1}) + Counter(ROLLOUT),
    "canary": Counter(ALWAYS)
    - Counter({"Deployment": 1})
    + Counter(ROLLOUT)
    + Counter({"Ingress": 1, HPA: 1}),
    "every-setting": Counter(ALWAYS) + Counter(POLICIES) + Counter({HPA: 2}),
    "external": Counter(ALWAYS)
    + Counter(POLICIES)
    + Counter(MONITORING)
    + Counter({"Ingress": 1, KEDA: 1, "TriggerAuthentication": 1}),
    "high-availability": Counter(ALWAYS)
    + Counter(POLICIES)
    + Counter(MONITORING)
    + Counter({"Ingress": 1, KEDA: 2, HPA: 1, "ExternalSecret": 1, "TriggerAuthentication": 1}),
    "minimal": Counter(ALWAYS) - Counter(FLOWER),
}


def test_every_set_up_is_counted() -> None:
    assert set(COUNTS) == set(rendering.SET_UPS)


@pytest.mark.parametrize("set_up", rendering.SET_UPS)
def test_a_set_up_has_just_these_objects(set_up: str) -> None:
    assert Counter(each.kind for each in rendering.rendered(set_up)) == COUNTS[set_up]


@pytest.mark.parametrize("set_up", rendering.SET_UPS)
def test_rendering_again_gives_the_same_bytes(set_up: str) -> None:
    first, second = (rendering.template("-f", str(rendering.values_of(set_up))) for _ in range(2))
    assert (first.returncode, first.stdout) == (0, second.stdout)


def test_the_values_alone_are_refused_with_what_is_missing() -> None:
    answer = rendering.template()
    assert "secrets.name is empty: name the Secret" in answer.stderr


#: What is changed in a set-up, and what is said of it.
REFUSED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "two autoscalers would pull one workload": (
        "high-availability", {"runner": {"hpa": {"enabled": True}}}),
    "may have at most 12 pods, not 13": (
        "high-availability", {"runner": {"keda": {"maxReplicas": 13}}}),
    "may have at most 6 pods, not 7": ("external", {"bridgeAnalytics": {"replicas": 7}}),
    "may have at most 4 pods, not 5": ("external", {"bridgeDeadLetters": {"replicas": 5}}),
    "minReplicas exceeds maxReplicas": ("external", {"web": {
        "hpa": {"enabled": True, "minReplicas": 7}}}),
    "fallbackReplicas exceeds maxReplicas": ("external", {"runner": {
        "keda": {"maxReplicas": 3, "fallbackReplicas": 4}}}),
    "at '/runner/keda/minReplicas': minimum: got 0, want 1": ("external", {"runner": {
        "keda": {"minReplicas": 0}}}),
    "kafka.enabled and kafka.brokers are both set": ("external", {"kafka": {"enabled": True}}),
    "No Kafka: name your brokers": ("external", {"kafka": {"brokers": []}}),
    "which the broker for trials does not speak": ("all-in-one", {"kafka": {
        "security": {"protocol": "SSL"}}}),
    "is SASL_SSL, which needs kafka.security.mechanism": ("external", {"kafka": {
        "security": {"mechanism": ""}}}),
    "kafka.security.mechanism is set, of which kafka.security.protocol SSL makes no use": (
        "external", {"kafka": {"security": {"protocol": "SSL"}}}),
    "names a Secret, of which kafka.security.protocol SASL_PLAINTEXT makes no use": (
        "external", {"kafka": {"security": {"protocol": "SASL_PLAINTEXT"}}}),
    "certificate.encrypted needs kafka.security.certificate.secret": ("external", {"kafka": {
        "security": {"certificate": {"encrypted": True}}}}),
    "at '/kafka/security/mechanism': value must be one of": ("external", {"kafka": {
        "security": {"mechanism": "GSSAPI"}}}),
    "runs before kafka.enabled and postgres.enabled": (
        "all-in-one", {"migrations": {"mode": "helm"}}),
    "runs before External Secrets could make the Secret": (
        "high-availability", {"migrations": {"mode": "helm"}}),
    "secrets.external.enabled needs": ("high-availability", {
        "secrets": {"external": {"store": ""}}}),
    "staleAfterSeconds must exceed": ("external", {"settings": {"staleAfterSeconds": 60}}),
    "runner.graceSeconds must be at least 120": ("external", {"runner": {"graceSeconds": 119}}),
    "generator.graceSeconds must be at least 120": ("external", {"generator": {
        "graceSeconds": 119}}),
    "generator.graceSeconds must be at least 260": ("every-setting", {
        "settings": {"modelSeconds": 200, "staleAfterSeconds": 300},
        "generator": {"graceSeconds": 250}}),
    "staleAfterSeconds must exceed settings.modelSeconds": ("external", {
        "settings": {"modelProviders": ["gemini"], "modelSeconds": 180}}),
    'generator.cage "strict" takes namespaces': ("external", {"generator": {"cage": "strict"}}),
    "web.graceSeconds must be at least 65": ("external", {"web": {"drainSeconds": 30}}),
    'runner.cage "strict" takes namespaces': ("external", {"runner": {"cage": "strict"}}),
    "ingress.enabled needs ingress.host": ("external", {"ingress": {"host": ""}}),
    "else web redirects to https for ever": ("external", {"settings": {"trustedProxies": 0}}),
    "web.rollout.enabled needs monitoring.podMonitor": (
        "blue-green", {"monitoring": {"podMonitor": {"enabled": False}}}),
    "needs ingress.enabled: the Ingress that it splits": (
        "canary", {"ingress": {"enabled": False}}),
    "web.rollout.weights must grow": ("canary", {"web": {"rollout": {"weights": [25, 25]}}}),
    "contradicts settings.baseUrl": ("external", {"settings": {"baseUrl": "http://a.example"}}),
    "additional properties 'caseSecond' not allowed": ("external", {"settings": {"caseSecond": 3}}),
    "512MB": ("external", {"web": {"resources": {"limits": {"memory": "512MB"}}}}),
}  # fmt: skip


@pytest.mark.parametrize("said", REFUSED)
def test_a_contradiction_is_refused_with_a_sentence(said: str, tmp_path: Path) -> None:
    set_up, changes = REFUSED[said]
    answer = rendering.refusal(set_up, changes, tmp_path)
    assert said in answer


def test_an_authority_that_all_know_needs_no_secret(tmp_path: Path) -> None:
    """TLS alone: KEDA is told of it, and there is nothing to sign in with, nor a file."""
    changed = tmp_path / "changed.yaml"
    security = {"protocol": "SSL", "mechanism": "", "ca": {"secret": ""}}
    changed.write_text(yaml.safe_dump({"kafka": {"security": security}}))
    values = str(rendering.values_of("external"))
    answer = rendering.template("--values", values, "--values", str(changed))
    assert answer.stdout.count("tls: enable") == 1
    assert "authenticationRef" not in answer.stdout
    assert "TriggerAuthentication" not in answer.stdout
    assert "/etc/ai-testops/kafka" not in answer.stdout


def test_no_value_but_those_of_the_schema_is_taken() -> None:
    """At every level: what values.yaml has is valid, and nothing else."""
    validator = jsonschema_rs.validator_for(json.loads((CHART / "values.schema.json").read_text()))
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert validator.is_valid(values)
    for path in _objects(values):
        changed = copy.deepcopy(values)
        functools.reduce(operator.getitem, path, changed)["unknown"] = 1
        assert not validator.is_valid(changed), path


#: Levels whose names are anybody's: labels, selectors.
_OPEN = {"commonLabels", "labels", "annotations", "podAnnotations", "nodeSelector", "affinity",
         "namespace", "pods"}  # fmt: skip


def _objects(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The ways to sections whose names are ours."""
    found = [path]
    for name, value in values.items():
        if isinstance(value, dict) and name not in _OPEN:
            found += _objects(value, (*path, name))
    return found


def test_what_every_value_does_is_told() -> None:
    written = (CHART / "README.md").read_text(encoding="utf-8")
    assert written == chart_page.page(), "run: make docs"


def test_the_matrix_of_connections_is_up_to_date() -> None:
    assert matrix.PATH.read_text(encoding="utf-8") == matrix.text()


def test_the_secret_is_asked_only_for_what_the_store_has() -> None:
    """A key that the entry has not got would keep External Secrets from making any of it."""
    [external] = of_kind(rendering.rendered("high-availability"), "ExternalSecret")
    asked = {each["secretKey"] for each in external.at("spec", "data")}
    assert asked == {
        "secret-key", "database-url", "admin-email", "admin-password", "flower-basic-auth",
        "kafka-key-password",
    }  # fmt: skip
