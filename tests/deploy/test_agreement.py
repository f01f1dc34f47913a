"""Code, compose, chart and papers name the same settings, processes and topics."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from app import settings
from app.factory import UNPROXIED, create_app
from app.messages import topics
from tests.behaviour.sandbox import profiles
from tests.compose_file import LASTING, ONCE, services
from tests.database_fixtures import settings_for
from tests.deploy import rendering
from tests.deploy.objects import Node, Pod, find, of_kind, pods
from tests.deploy.rules import contents, monitoring, rights, scaling, timing
from tests.fitness.test_settings import EXAMPLE, SETTINGS
from tests.shared_material import ROOT
from worker.cage import sight

pytestmark = [rendering.needs_helm, pytest.mark.xdist_group("deploy")]

#: Only compose's own: the port on this machine, and the tag of the image.
_COMPOSE_ONLY = {"TESTOPS_PORT", "TESTOPS_VERSION"}
#: Others' images: they have no part in what is ours.
_TRIAL = {"postgres", "kafka"}


def _ours(set_up: str) -> Mapping[str, Pod]:
    """Process → pod."""
    found = {pod.owner.component: pod for pod in pods(rendering.rendered(set_up))}
    return {name: pod for name, pod in found.items() if name not in _TRIAL}


def _variables(pod: Pod) -> set[str]:
    return {str(variable["name"]) for variable in find(pod.containers, 0, "env")}


def test_settings_are_the_same_everywhere() -> None:
    """In the code, in the chart (compose and .env.example: tests/fitness)."""
    given = {name for pod in _ours("every-setting").values() for name in _variables(pod)}
    assert {name for name in given if name.startswith(settings.PREFIX)} == SETTINGS
    explained = {name for name in EXAMPLE if name.startswith(settings.PREFIX)}
    assert explained - _COMPOSE_ONLY == SETTINGS
    composed = {name for service in services().values() for name in service.get("environment", {})}
    assert {name for name in composed if name.startswith(settings.PREFIX)} == SETTINGS


def test_what_the_values_set_arrives_as_it_is() -> None:
    """Large numbers are not rounded, lists get commas, false is a value."""
    found = scaling.environment(_ours("every-setting")["web"])
    wanted = {
        "MEMORY_BYTES": "2147483648",
        "ALLOWED_PRIVATE_HOSTS": "demo,127.0.0.1:8080",
        "HTTPS_ONLY": "true",
        "CASE_SECONDS": "45.5",
        "REQUESTS_PER_SECOND": "0.5",
    }
    assert {name: found[f"TESTOPS_{name}"] for name in wanted} == wanted


def test_what_the_chart_sets_the_code_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    for set_up in rendering.SET_UPS:
        with monkeypatch.context() as patch:
            # The generator speaks to all there is to speak to.
            pod = _ours(set_up)["generator"]
            for name in _variables(pod):
                patch.setenv(name, "s" * 32)
            patch.setenv("TESTOPS_DATABASE_URL", "postgresql://here/there")
            for name, value in scaling.environment(pod).items():
                patch.setenv(name, value)
            read = settings.read(settings.Settings)
            assert read.stale_after_seconds > read.case_seconds


def test_processes_are_the_same_everywhere() -> None:
    """In the code, in compose, in the chart and in the papers."""
    papers = (ROOT / "docs" / "processes.md").read_text()
    table = re.findall(r"^\| \[`([a-z-]+)`\]", papers, re.MULTILINE)
    assert set(_ours("external")) == {*LASTING, *ONCE} == set(table)
    assert {*LASTING, *ONCE} <= set(services())
    bridges = {f"bridge-{name}" for name in _loops()}
    assert bridges == {name for name in LASTING if name.startswith("bridge-")}


def _loops() -> set[str]:
    from bridge.processes import LOOPS  # noqa: PLC0415 - loads what few tests here need

    return set(LOOPS)


@pytest.mark.parametrize("name", [*LASTING, *ONCE])
def test_a_process_is_started_as_in_compose(name: str) -> None:
    assert _ours("external")[name].containers[0]["command"] == services()[name]["command"]


@pytest.mark.parametrize("name", LASTING)
def test_a_process_is_given_no_more_settings_than_in_compose(name: str) -> None:
    given = _variables(_ours("every-setting")[name])
    # Compose sets one concurrency for both kinds of worker by leaving it to the default.
    theirs = set(services()[name]["environment"]) | {"TESTOPS_RUNNER_CONCURRENCY"}
    assert given <= theirs


@pytest.mark.parametrize("name", ["runner", "flower", "topics"])
def test_who_executes_or_watches_gets_nothing_of_the_database(name: str) -> None:
    known = {f"{settings.PREFIX}{f.upper()}" for f in settings.RunnerSettings.model_fields}
    for set_up in rendering.SET_UPS:
        pod = _ours(set_up).get(name)
        if pod is not None:
            assert _variables(pod) - {"FLOWER_BASIC_AUTH"} <= known


def test_topics_have_the_partitions_that_the_chart_counts_on() -> None:
    text = (rendering.CHART / "templates" / "_components.tpl").read_text()
    told = re.findall(r"shares: \{topic: (\w+), group: ([\w-]+), partitions: (\d+)\}", text)
    groups = {*scaling.GROUPS.values(), topics.Group.RESULTS, topics.Group.NOTIFICATIONS}
    assert {group for _, group, _ in told} == {*groups, topics.Group.ANALYTICS}
    partitions = {topic.name: topic.partitions for topic in topics.TOPICS}
    assert [(t, int(n)) for t, _, n in told] == [(t, partitions[t]) for t, _, _ in told]


def test_consumer_groups_are_those_of_the_workers() -> None:
    """The group is the name that tasks give their application."""
    for queue, group in scaling.GROUPS.items():
        module = {"runner": "execution", "generator": "generation"}[group]
        source = (ROOT / "tasks" / f"{module}.py").read_text()
        assert f'app = create("{group}")' in source
        assert queue in _ours("external")[group].containers[0]["command"]


@pytest.mark.parametrize("name", ["runner", "generator"])
def test_who_runs_scripts_has_the_rights_under_which_the_cage_is_attacked(name: str) -> None:
    """tests/behaviour/sandbox runs every attack as a pod of just this profile."""
    pod = _ours("external")[name]
    context: Node = pod.spec["securityContext"]
    assert context["runAsUser"] == rights.USER == profiles._USERS["pod"]
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod.containers[0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert scaling.environment(pod)["TESTOPS_CAGE"] == "standard"


def test_a_weaker_cage_is_wanted_of_each_by_its_own_value() -> None:
    found = {
        n: scaling.environment(p).get("TESTOPS_CAGE") for n, p in _ours("every-setting").items()
    }
    assert {name: cage for name, cage in found.items() if cage} == {
        "generator": "none",
        "runner": "standard",
    }


def test_compose_leaves_workers_as_long_as_the_chart_does() -> None:
    defaults = {name: field.default for name, field in settings.Settings.model_fields.items()}
    needed = {"runner": defaults["case_seconds"], "generator": defaults["model_seconds"]}
    for name, seconds in needed.items():
        # As compose normalises it: 2m30s.
        given = re.fullmatch(r"(?:(\d+)m)?(\d+)s", services()[name]["stop_grace_period"])
        assert given
        assert int(given[1] or 0) * 60 + int(given[2]) >= seconds + timing.SPARE_SECONDS


_SIZES = re.compile(r"^\| `([a-z*-]+)` \|.* ([\d.]+) CPU, (\d+) (MB|GB)\b", re.MULTILINE)


def test_what_the_papers_begin_with_is_what_compose_and_the_chart_begin_with() -> None:
    told = {
        name: (float(cpus), int(size) * {"MB": 1, "GB": 1024}[unit])
        for name, cpus, size, unit in _SIZES.findall((ROOT / "DEPLOYMENT.md").read_text())
    }
    assert set(told) == {"web", "runner", "generator", "bridge-*"}
    for name in LASTING:
        wanted = told.get("bridge-*" if name.startswith("bridge-") else name)
        if wanted:
            limits = _ours("external")[name].containers[0]["resources"]["limits"]
            megabytes = (contents.amount(limits["memory"]) or 0) / 2**20
            assert (contents.amount(limits["cpu"]), megabytes) == wanted, name
            composed = services()[name]["deploy"]["resources"]["limits"]
            assert float(composed["cpus"]) == wanted[0], name
            assert (contents.amount(composed["memory"]) or 0) / 2**20 == wanted[1], name


def test_the_chart_and_compose_have_the_version_of_the_project() -> None:
    chart = yaml.safe_load((rendering.CHART / "Chart.yaml").read_text())
    project = (ROOT / "pyproject.toml").read_text()
    assert f'\nversion = "{chart["appVersion"]}"\n' in project
    assert chart["version"] == chart["appVersion"]
    compose = (ROOT / "docker-compose.yml").read_text()
    assert f"ai-testops:${{TESTOPS_VERSION:-{chart['version']}}}" in compose


def test_what_analyses_ask_of_web_is_what_web_tells() -> None:
    client = create_app(settings_for("postgresql://127.0.0.1:1/none")).test_client()
    client.get("/healthz")
    told = client.get("/metrics").text
    [name] = monitoring.OTHERS - {"up"}
    assert re.search(rf'^{name}{{.*status="200".*url_rule="/healthz".*}} 1', told, re.MULTILINE)


def test_what_is_asked_of_web_past_its_proxy_is_answered_without_tls() -> None:
    """By the kubelet and by Prometheus; where https alone is answered no pod would be ready."""
    container = _ours("external")["web"].containers[0]
    probes = ("startupProbe", "readinessProbe", "livenessProbe")
    asked = {find(container, probe, "httpGet", "path") for probe in probes}
    [monitor] = of_kind(rendering.rendered("external"), "PodMonitor")
    asked |= {end["path"] for end in monitor.at("spec", "podMetricsEndpoints")}
    assert asked == UNPROXIED


def test_a_test_script_cannot_read_the_files_for_kafka() -> None:
    """Among them is a private key: no folder that a cage opens may hold them."""
    mounts: list[Node] = _ours("every-setting")["runner"].containers[0]["volumeMounts"]
    [folder] = [Path(str(each["mountPath"])) for each in mounts if each["name"] == "kafka"]
    assert not [path for path in sight.readable() if folder.is_relative_to(path)]


#: A limit as pydantic calls it, and as JSON Schema does.
_LIMITS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
}


def test_the_values_of_settings_have_the_limits_of_the_code() -> None:
    """What the code would refuse in a pod, Helm refuses before anything is installed."""
    told = json.loads((rendering.CHART / "values.schema.json").read_text())
    values = told["properties"]["settings"]["properties"]
    for name, value in values.items():
        field = settings.Settings.model_fields[re.sub(r"(?=[A-Z])", "_", name).lower()]
        limits = {
            theirs: getattr(rule, ours)
            for rule in field.metadata
            for ours, theirs in _LIMITS.items()
            if getattr(rule, ours, None) is not None
        }
        assert {key: value[key] for key in _LIMITS.values() if key in value} == limits, name
