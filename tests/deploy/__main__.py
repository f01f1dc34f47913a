"""`python -m tests.deploy`: all that deploys, by the tools of those who will run it.

Ends with the first thing that is wrong. Nothing is asked of any network.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.deploy import objects, rendering
from tests.deploy.rendering import CHART, KUBERNETES, TOOLS
from tests.deploy.rules import monitoring
from tests.deploy.rules.schemas import SCHEMAS, VERSIONS, present
from tests.shared_material import ROOT

#: What the chart is rendered for: set-ups, and environments.
EVERY = (*rendering.SET_UPS, *rendering.ENVIRONMENTS)
HELMS = ("helm", "helm4")
#: Manifests that are no template's, by folder; checked where they are.
PLAIN = ("argocd", "chaos")
#: As many checks as checkov makes of the set-ups at least: of an empty folder it finds nothing.
_LEAST_CHECKS = 4000


def main() -> int:
    """Exit status 0 where all is well."""
    for said in (*_chart(), *_kubernetes(), *_scanned(), *_rules(), *_workflows()):
        sys.stdout.write(f"{said}\n")
    return 0


def _chart() -> Iterator[str]:
    """Both Helms lint every set-up strictly, and render it alike and each time the same."""
    for set_up in EVERY:
        values = str(rendering.values_of(set_up))
        made = []
        for name in HELMS:
            helm = _tool(name)
            _run(helm, "lint", "--strict", "--quiet", "--kube-version", KUBERNETES,
                 str(CHART), "--values", values)  # fmt: skip
            first, again = (_template(helm, values) for _ in range(2))
            if first != again:
                sys.exit(f"{name} renders {set_up} differently each time.")
            made.append(sorted(map(str, (each.body for each in objects.read(first)))))
        if made[0] != made[1]:
            sys.exit(f"{' and '.join(HELMS)} render {set_up} differently.")
        yield f"chart {set_up}: {len(made[0])} objects, the same by {' and '.join(HELMS)}"


def _kubernetes() -> Iterator[str]:
    """Every object is valid by a closed schema; as many are looked at as there are."""
    if not present():
        yield "The folder ../shared/crds is missing; nothing is held against schemas."
        return
    with _rendered() as files:
        files += [path for name in PLAIN for path in sorted((ROOT / name).rglob("*.yaml"))
                  if path.name != "values.yaml"]  # fmt: skip
        count = sum(len(objects.read(file.read_text())) for file in files)
        for version in VERSIONS:
            yield f"kubeconform {version}: {_conform(version, files, count)}"


@contextlib.contextmanager
def _rendered() -> Iterator[list[Path]]:
    """A file for each set-up, as long as they are looked at."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{set_up}.yaml" for set_up in EVERY]
        for file, set_up in zip(files, EVERY, strict=True):
            file.write_text(_template(_tool("helm"), str(rendering.values_of(set_up))))
        yield files


def _conform(version: str, files: list[Path], count: int) -> str:
    core = "k8s/{{.NormalizedKubernetesVersion}}-standalone-strict/{{.ResourceKind}}{{.KindSuffix}}"
    custom = "schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}"
    places = [f"-schema-location={SCHEMAS}/{place}.json" for place in (core, custom)]
    done = _run(_tool("kubeconform"), "-strict", "-summary", "-kubernetes-version", version,
                *places, *map(str, files))  # fmt: skip
    if f"Summary: {count} resources" not in done or f"Valid: {count}," not in done:
        sys.exit(f"kubeconform looked at others than the {count} objects: {done}")
    return done.strip()


def _scanned() -> Iterator[str]:
    """Checkov finds nothing but what helm/checkov.yaml says why not."""
    with _rendered() as files:
        folder = str(files[0].parent)
        done = _run(_tool("checkov"), "--config-file", "helm/checkov.yaml", "--directory", folder)
    passed = re.search(r"Passed checks: (\d+), Failed checks: 0", done)
    if not passed or int(passed[1]) < _LEAST_CHECKS:
        sys.exit(f"checkov has looked at next to nothing: {done}")
    yield f"checkov: {passed[0]}"


def _rules() -> Iterator[str]:
    """Prometheus itself reads every query."""
    with tempfile.TemporaryDirectory() as folder:
        for number, groups in enumerate(_groups()):
            file = Path(folder) / f"{number}.yaml"
            file.write_text(yaml.safe_dump({"groups": groups}))
            done = _run(
                _tool("promtool"), "check", "rules", "--lint=all", "--lint-fatal", str(file)
            )
            yield f"promtool: {' '.join(done.split()[3:])}"


def _groups() -> Iterator[list[dict[str, Any]]]:
    """The alerts; and the queries of analyses, as if each were a rule."""
    everything = [each for name in EVERY for each in rendering.rendered(name)]
    for each in everything:
        if each.kind == "PrometheusRule":
            yield [dict(group) for group in each.at("spec", "groups")]
    queries = {
        q for o in everything if o.kind == "AnalysisTemplate" for q in monitoring.expressions(o)
    }
    if queries:
        record = [{"record": f"analysis:{n}", "expr": q} for n, q in enumerate(sorted(queries))]
        yield [{"name": "analyses", "rules": record}]


def _workflows() -> Iterator[str]:
    """The workflows are well formed, and give nobody more than it needs."""
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    if workflows:
        _run(_tool("actionlint"), *map(str, workflows))
        _run(_tool("zizmor"), "--offline", "--quiet", str(ROOT / ".github"))
        yield f"actionlint, zizmor: {len(workflows)} workflows"


def _template(helm: str, values: str) -> str:
    done = rendering.template("--values", values, program=helm)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def _tool(name: str) -> str:
    places = (str(TOOLS), str(ROOT / ".cache" / "deploy" / "bin"), os.environ["PATH"])
    found = shutil.which(name, path=os.pathsep.join(places))
    return found or sys.exit(f"{name} is missing: make setup-deploy")


def _run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
