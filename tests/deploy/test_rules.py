"""The rules hold of the chart, and each seeded fault is caught by the rule that is there for it."""

import pytest

from tests.deploy import rendering, ruleset
from tests.deploy.faults import FAULTS, Fault
from tests.deploy.matrix import AGREED, rules_of
from tests.deploy.rules import schemas

pytestmark = [rendering.needs_helm, pytest.mark.xdist_group("deploy")]

#: Rules that need the schemas beside the project.
_BY_SCHEMA = {"schemas, oldest Kubernetes", "schemas, newest Kubernetes", "KEDA knows every key"}


@pytest.mark.parametrize("set_up", rendering.SET_UPS)
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
    assert {fault.rule for fault in FAULTS} == {*ruleset.RULES, AGREED}


def test_a_fault_changes_a_copy() -> None:
    objects = rendering.rendered("all-in-one")
    FAULTS[0].seeded(objects)
    assert list(ruleset.RULES[FAULTS[0].rule](objects)) == []
