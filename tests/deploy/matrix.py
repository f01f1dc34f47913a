"""The committed matrix of connections, and every rule of a set-up with it.

`python -m tests.deploy.matrix` writes it; what changed is then to be looked at.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from tests.deploy import connections, rendering, ruleset
from tests.deploy.findings import Rule
from tests.deploy.rules import network

PATH = rendering.CHART / "connections.yaml"
AGREED = "the connections are those agreed"
_HEAD = """\
# Who may talk to whom in each set-up, worked out from its NetworkPolicies. A test holds the chart
# against it; `python -m tests.deploy.matrix` writes it anew.
"""


@functools.cache
def agreed() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Set-up → source → destinations."""
    read: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return read


def rules_of(set_up: str) -> Mapping[str, Rule]:
    """Every rule, with that of this set-up's connections."""
    if set_up == rendering.ARGOCD:
        return ruleset.ARGOCD_RULES
    if set_up == rendering.CHAOS:
        return ruleset.CHAOS_RULES
    if set_up in rendering.ENVIRONMENTS:
        return ruleset.RULES
    return {**ruleset.RULES, AGREED: network.as_agreed(agreed().get(set_up, {}))}


def text() -> str:
    """The matrix as it is now."""
    found = {name: connections.allowed(rendering.rendered(name)) for name in rendering.SET_UPS}
    return _HEAD + yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=200)


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
