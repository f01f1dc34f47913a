"""What is measured can be seen."""

import json

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram

from app import metrics
from tests.shared_material import ROOT

DASHBOARDS = ROOT / "monitoring" / "grafana" / "dashboards"
DECLARED = [m for m in vars(metrics).values() if isinstance(m, Counter | Gauge | Histogram)]


def _exported(metric: Counter | Gauge | Histogram) -> str:
    """The name under which Prometheus knows a metric's samples."""
    family = next(iter(metric.collect()))
    return family.name + {"counter": "_total", "histogram": "_bucket"}.get(family.type, "")


@pytest.mark.parametrize("metric", DECLARED, ids=_exported)
def test_every_metric_is_on_a_dashboard(metric: Counter | Gauge | Histogram) -> None:
    shown = "".join(path.read_text() for path in DASHBOARDS.glob("*.json"))
    assert _exported(metric) in shown


def test_a_dashboard_asks_the_provisioned_source() -> None:
    for path in DASHBOARDS.glob("*.json"):
        sources = {panel["datasource"]["uid"] for panel in json.loads(path.read_text())["panels"]}
        assert sources == {"prometheus"}


def test_grafana_is_told_of_the_alerts_that_people_set() -> None:
    path = ROOT / "monitoring" / "grafana" / "provisioning" / "alerting" / "testops.yml"
    [group] = yaml.safe_load(path.read_text())["groups"]
    [rule] = group["rules"]
    assert _exported(metrics.ALERT_RAISED) in rule["data"][0]["model"]["expr"]
    assert rule["condition"] in {step["refId"] for step in rule["data"]}
