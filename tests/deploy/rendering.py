"""What Helm makes of the chart with given values, rendered once for all tests."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.objects import Object, read
from tests.shared_material import ROOT

CHART = ROOT / "helm" / "ai-testops"
TOOLS = ROOT / ".cache" / "bin"
RELEASE, NAMESPACE = "testops", "testops-test"
#: What the chart is rendered for; a Helm that was built from its source claims an old one.
KUBERNETES = "1.34.0"

#: Every set-up that the chart supports, by the name of its file.
SET_UPS = tuple(
    sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml"))
)

#: Every environment that Argo CD deploys: the chart with its values.
ENVIRONMENTS = tuple(
    sorted(path.parent.name for path in (ROOT / "argocd" / "environments").glob("*/values.yaml"))
)
#: Folders of manifests that are no template's.
ARGOCD = "argocd"
CHAOS = "chaos"


def missing() -> str:
    """Why nothing can be rendered; empty where it can."""
    return "" if helm() else "Helm is missing: make setup-deploy"


def helm() -> str | None:
    """The Helm that `make setup-deploy` built, or the machine's own."""
    return shutil.which("helm", path=os.pathsep.join((str(TOOLS), os.environ["PATH"])))


#: For tests that render; in CI they may not be skipped.
needs_helm = pytest.mark.skipif(
    bool(missing()) and os.environ.get("TESTOPS_REQUIRE_REAL") != "1", reason=missing()
)


def values_of(set_up: str) -> Path:
    """The file with the values of a set-up or an environment."""
    if set_up in ENVIRONMENTS:
        return ROOT / "argocd" / "environments" / set_up / "values.yaml"
    return CHART / "ci" / f"{set_up}-values.yaml"


@functools.cache
def rendered(set_up: str) -> tuple[Object, ...]:
    """The objects of a set-up or an environment, or the manifests of Argo CD or Chaos Mesh.

    Shared by all tests: to be copied before anything is changed.
    """
    if set_up in {ARGOCD, CHAOS}:
        return plain(set_up)
    answer = template("--values", str(values_of(set_up)))
    assert answer.returncode == 0, answer.stderr
    return read(answer.stdout)


def plain(folder: str) -> tuple[Object, ...]:
    """The manifests in a folder of the project; values of the chart are none."""
    files = sorted((ROOT / folder).rglob("*.yaml"))
    return tuple(each for f in files if f.name != "values.yaml" for each in read(f.read_text()))


def refusal(set_up: str, changes: Mapping[str, Any], folder: Path) -> str:
    """What Helm says of a set-up with changed values; empty where it accepts them."""
    changed = folder / "changed.yaml"
    changed.write_text(yaml.safe_dump(dict(changes)))
    answer = template("--values", str(values_of(set_up)), "--values", str(changed))
    return answer.stderr if answer.returncode else ""


def template(*arguments: str, program: str = "") -> subprocess.CompletedProcess[str]:
    """`helm template` of the chart."""
    return _run(program or helm() or "helm", "template", RELEASE, str(CHART), *_FOR, *arguments)


_FOR: Sequence[str] = ("--namespace", NAMESPACE, "--kube-version", KUBERNETES)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
