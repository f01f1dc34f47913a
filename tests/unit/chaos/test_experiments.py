"""The experiments break what their names say, in one namespace, for as long as it is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from chaos import workflow
from chaos.faults import FAULTS, Fault
from tests.compose_file import LASTING
from tests.shared_material import ROOT

FOLDER = ROOT / "chaos"
#: What the chart runs beside the processes.
SERVERS = {"kafka", "postgres"}
NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"


def read(fault: Fault) -> dict[str, Any]:
    body: dict[str, Any] = yaml.safe_load(
        (FOLDER / "experiments" / f"{fault.name}.yaml").read_text("utf-8")
    )
    return body


def selectors(body: object) -> Iterator[dict[str, Any]]:
    """All selectors, also those of targets."""
    if isinstance(body, dict):
        if "selector" in body:
            yield body["selector"]
        for value in body.values():
            yield from selectors(value)


def components(selector: dict[str, Any]) -> set[str]:
    wanted = selector["labelSelectors"].get(COMPONENT)
    listed = [
        value
        for each in selector.get("expressionSelectors", ())
        if (each["key"], each["operator"]) == (COMPONENT, "In")
        for value in each["values"]
    ]
    return {wanted} if wanted else set(listed)


def test_every_fault_is_an_experiment_and_nothing_else_is() -> None:
    found = {path.stem for path in (FOLDER / "experiments").iterdir()}
    assert found == {fault.name for fault in FAULTS}


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.name)
def fault(request: pytest.FixtureRequest) -> Fault:
    return request.param  # type: ignore[no-any-return]


def test_only_the_chart_in_its_environment_is_broken(fault: Fault) -> None:
    body = read(fault)
    found = list(selectors(body["spec"]))
    assert body["metadata"] == {"name": fault.name, "namespace": workflow.NAMESPACE}
    assert found
    for selector in found:
        assert selector["namespaces"] == [workflow.NAMESPACE]
        assert selector["labelSelectors"][NAME] == "ai-testops"
        assert components(selector)
        assert components(selector) <= {*LASTING, *SERVERS}


def test_it_ends_by_itself(fault: Fault) -> None:
    """What happens at once has no duration."""
    spec = read(fault)["spec"]
    assert spec.get("duration") == (
        None if spec.get("action") == "pod-kill" else f"{fault.seconds}s"
    )


def test_containers_are_those_of_the_selected_pods(fault: Fault) -> None:
    spec = read(fault)["spec"]
    if "containerNames" in spec:
        assert set(spec["containerNames"]) == components(spec["selector"])


def test_the_bridge_is_cut_as_a_whole() -> None:
    [fault] = [each for each in FAULTS if each.name == "bridge-cut-from-kafka"]
    bridges = {name for name in LASTING if name.startswith("bridge-")}
    cut, target = selectors(read(fault)["spec"])
    assert (components(cut), components(target)) == (bridges, {"kafka"})


def test_the_workflow_is_made_from_the_experiments() -> None:
    assert (FOLDER / "workflow.yaml").read_text("utf-8") == workflow.text()


def templates() -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in workflow.workflow()["spec"]["templates"]}


def test_every_template_is_there_and_used_once() -> None:
    found = templates()
    children = [name for each in found.values() for name in each.get("children", ())]
    assert sorted([*children, workflow.workflow()["spec"]["entry"]]) == sorted(found)


def test_a_fault_is_watched_and_followed_by_its_recovery(fault: Fault) -> None:
    found = templates()
    first = fault.name if fault.may_refuse else f"{fault.name}-watched"
    assert found[f"{fault.name}-round"]["children"] == [first, f"{fault.name}-recovery"]
    if not fault.may_refuse:
        assert found[first]["children"] == [fault.name, f"{fault.name}-bearable"]
        watch = found[f"{fault.name}-bearable"]
        assert watch["abortWithStatusCheck"] is True
        assert watch["deadline"] == f"{fault.seconds}s"
    assert found[fault.name]["deadline"] == f"{fault.seconds}s"
    recovery = found[f"{fault.name}-recovery"]
    assert recovery["abortWithStatusCheck"] is True
    check = recovery["statusCheck"]
    assert check["failureThreshold"] * check["intervalSeconds"] == fault.recovery_seconds
    assert check["http"]["url"].endswith(".testops-dev.svc:8080/steady")


def test_nothing_is_demanded_while_nothing_can_be_written() -> None:
    """Web refuses what it cannot write: a check would abort every workflow that comes so far."""
    assert [each.name for each in FAULTS if each.may_refuse] == ["database-disk-full"]
    assert "database-disk-full-bearable" not in templates()


def test_what_contains_others_lasts_as_long_as_they_do() -> None:
    found = templates()

    def seconds(name: str) -> int:
        return int(found[name]["deadline"].removesuffix("s"))

    for each in found.values():
        lasting = [seconds(child) for child in each.get("children", ())]
        if lasting:
            needed = sum(lasting) if each["templateType"] == "Serial" else max(lasting)
            assert seconds(each["name"]) >= needed


def test_the_readme_tells_of_every_fault(fault: Fault) -> None:
    assert re.search(rf"^\| `{fault.name}` \|", (FOLDER / "README.md").read_text(), re.MULTILINE)


def test_every_fault_has_a_twin(fault: Fault) -> None:
    twins = (ROOT / "tests" / "integration" / "test_chaos.py").read_text()
    assert f'"{fault.name}": ' in twins
