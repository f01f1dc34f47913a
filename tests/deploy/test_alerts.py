"""Prometheus raises the chart's alerts when what they tell of happens, and not before."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy import rendering
from tests.deploy.objects import of_kind

PROMTOOL = shutil.which("promtool", path=f"{rendering.TOOLS}{os.pathsep}{os.environ['PATH']}")
pytestmark = [
    rendering.needs_helm,
    pytest.mark.skipif(
        not PROMTOOL and os.environ.get("TESTOPS_REQUIRE_REAL") != "1",
        reason="promtool is missing: install Prometheus",
    ),
    pytest.mark.xdist_group("deploy"),
]

_PROCESSES = (
    "web", "generator", "runner", "scheduler", "bridge-relay", "bridge-results",
    "bridge-notifications", "bridge-analytics", "bridge-dead-letters",
)  # fmt: skip


def up(*away: str) -> list[dict[str, str]]:
    """Every process answers for an hour, but for some that are away from the tenth minute on."""
    return [
        {
            "series": f'up{{namespace="{rendering.NAMESPACE}", job="{name}"}}',
            "values": "1+0x10 0+0x50" if name in away else "1+0x60",
        }
        for name in _PROCESSES
    ]


def letters(values: str) -> dict[str, str]:
    labels = f'namespace="{rendering.NAMESPACE}", topic="test_results", pod="a"'
    return {"series": f"testops_dead_letters_total{{{labels}}}", "values": values}


#: What is told → the series, the alert, and by minutes the labels that it is raised with.
CASES: Mapping[str, tuple[list[dict[str, str]], str, Mapping[str, Sequence[str]]]] = {
    "each process, after five minutes": (
        up("bridge-results"), "TestopsProcessDown", {"15m": [], "17m": ["bridge-results"]}),
    "nobody while all answer": (up(), "TestopsProcessDown", {"50m": []}),
    "the very first dead letter of a pod": (
        [letters("_x20 1+0x40")], "TestopsDeadLetters",
        {"19m": [], "22m": ["test_results"], "50m": []}),
    "one more dead letter": (
        [letters("5+0x30 6+0x30")], "TestopsDeadLetters", {"29m": [], "33m": ["test_results"]}),
}  # fmt: skip


@pytest.mark.parametrize("told", CASES)
def test_an_alert_tells_of(told: str, tmp_path: Path) -> None:
    series, alert, raised = CASES[told]
    [rule] = of_kind(rendering.rendered("high-availability"), "PrometheusRule")
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": rule.at("spec", "groups")}))
    wanted = [
        {"eval_time": minutes, "alertname": alert, "exp_alerts": _alerts(rule.body, alert, names)}
        for minutes, names in raised.items()
    ]
    test = {"interval": "1m", "input_series": series, "alert_rule_test": wanted}
    asked = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(asked))
    done = subprocess.run(
        [PROMTOOL or "promtool", "test", "rules", "test.yaml"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def _alerts(rule: Mapping[str, Any], alert: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Alerts as promtool expects them: one for each name."""
    [told] = [each for each in rule["spec"]["groups"][0]["rules"] if each["alert"] == alert]
    label = {"TestopsProcessDown": "job", "TestopsDeadLetters": "topic"}[alert]
    summary = told["annotations"]["summary"]
    return [
        {
            "exp_labels": {**told["labels"], label: name},
            "exp_annotations": {"summary": summary.replace(f"{{{{ $labels.{label} }}}}", name)},
        }
        for name in names
    ]
