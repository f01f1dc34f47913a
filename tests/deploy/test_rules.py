"""The rules hold of the chart, and each seeded fault is caught by the rule that is there for it."""

from collections import Counter

import pytest

from tests.deploy import rendering, ruleset
from tests.deploy.faults import FAULTS, Fault
from tests.deploy.matrix import AGREED, rules_of
from tests.deploy.objects import of_kind
from tests.deploy.rules import schemas

pytestmark = [rendering.needs_helm, pytest.mark.xdist_group("deploy")]

#: Rules that need the schemas beside the project.
_BY_SCHEMA = {
    "schemas, oldest Kubernetes",
    "schemas, newest Kubernetes",
    "KEDA knows every key",
    "sync options are known",
}


EVERYTHING = (*rendering.SET_UPS, *rendering.ENVIRONMENTS, rendering.ARGOCD, rendering.CHAOS)


@pytest.mark.parametrize("set_up", EVERYTHING)
def test_every_rule_holds_of_every_set_up(set_up: str) -> None:
    objects = rendering.rendered(set_up)
    found = [f"{name}: {f}" for name, rule in rules_of(set_up).items() for f in rule(objects)]
    assert found == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_caught(fault: Fault) -> None:
    if fault.rule in _BY_SCHEMA and not schemas.present():
        pytest.skip("the folder 'shared' with the schemas is not beside the project")
    objects = fault.seeded(rendering.rendered(fault.set_up))
    assert list(rules_of(fault.set_up)[fault.rule](objects))


def test_the_faults_are_many_and_try_every_rule() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 30
    plain = {*ruleset.ARGOCD_RULES, *ruleset.CHAOS_RULES}
    assert {fault.rule for fault in FAULTS} == {*ruleset.RULES, *plain, AGREED}


def test_argo_cd_has_a_project_and_an_application_for_each_environment() -> None:
    kinds = Counter(each.kind for each in rendering.rendered(rendering.ARGOCD))
    applications = 1 + len(rendering.ENVIRONMENTS)
    assert kinds == {"AppProject": 2, "Application": applications, "ConfigMap": 1}
    assert applications == 4


@pytest.mark.parametrize("environment", rendering.ENVIRONMENTS)
def test_an_environment_has_hooks_of_argo_cd(environment: str) -> None:
    """Helm's would be run on every synchronisation."""
    jobs = of_kind(rendering.rendered(environment), "Job")
    assert [job.annotations["argocd.argoproj.io/hook"] for job in jobs] == ["Sync", "Sync"]


def test_a_fault_changes_a_copy() -> None:
    objects = rendering.rendered("all-in-one")
    FAULTS[0].seeded(objects)
    assert list(ruleset.RULES[FAULTS[0].rule](objects)) == []
