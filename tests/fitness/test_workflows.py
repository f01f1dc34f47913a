"""The workflows of .github do what the project's own commands do, pinned and with few rights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.shared_material import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
#: A commit, and beside it the version that a reader can look up.
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v[0-9.]+$")
MAKE = re.compile(r"\bmake ([a-z-]+)")


def jobs(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from yaml.safe_load(text)["jobs"].items()


def test_every_workflow_is_there() -> None:
    names = {path.stem for path in WORKFLOWS}
    assert names == {"check", "test", "image", "chart", "release", "promote"}


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param.read_text("utf-8"))


def test_actions_are_pinned_by_commit(text: str) -> None:
    used = [line.strip() for line in text.splitlines() if "uses:" in line]
    assert used
    foreign = [line for line in used if "uses: ./" not in line]
    assert [line for line in foreign if not PINNED.search(line)] == []


def test_one_action_has_one_version() -> None:
    used = {
        tuple(found.split("@"))
        for path in WORKFLOWS
        for found in re.findall(r"uses: (\S+@[0-9a-f]{40} # \S+)", path.read_text("utf-8"))
    }
    assert len({name for name, _ in used}) == len(used)


def test_nothing_is_allowed_that_no_job_asks_for(text: str) -> None:
    assert yaml.safe_load(text)["permissions"] == {}
    assert [name for name, job in jobs(text) if not job.get("permissions")] == []


def test_every_job_ends(text: str) -> None:
    """A job that calls another workflow has that one's limits."""
    assert [
        name for name, job in jobs(text) if "uses" not in job and "timeout-minutes" not in job
    ] == []


def test_no_expression_is_written_into_a_script(text: str) -> None:
    """What stands in a title or a branch's name would be run: scripts take it from variables."""
    scripts = [step.get("run", "") for _, job in jobs(text) for step in job.get("steps", [])]
    assert [script for script in scripts if "${{" in script] == []


def test_what_is_called_exists(text: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    scripts = [step.get("run", "") for _, job in jobs(text) for step in job.get("steps", [])]
    assert {name for script in scripts for name in MAKE.findall(script)} <= targets
    for called in re.findall(r"uses: \./(\S+)", text):
        assert (ROOT / called).is_file()
    for module in re.findall(r"python3 -m ([\w.]+)", text):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file()


def test_a_release_waits_for_the_checks_and_every_test() -> None:
    release = dict(jobs((ROOT / ".github/workflows/release.yml").read_text("utf-8")))
    assert {"check", "test"} <= set(release["image"]["needs"])
    assert "image" in release["chart"]["needs"]
    assert {"image", "chart"} <= set(release["publish"]["needs"])


def test_an_image_is_scanned_before_it_is_pushed() -> None:
    image = dict(jobs((ROOT / ".github/workflows/image.yml").read_text("utf-8")))["image"]
    used = [step.get("uses", "").split("@")[0] for step in image["steps"]]
    pushing = next(
        number
        for number, step in enumerate(image["steps"])
        if step.get("with", {}).get("push") is True
    )
    assert used.index("anchore/scan-action") < pushing
    assert used.index("docker/login-action") < pushing
    pushed = image["steps"][pushing]["with"]
    assert pushed["sbom"] is True
    assert pushed["provenance"] == "mode=max"


def test_a_chart_is_packaged_with_the_image_of_its_release() -> None:
    release = dict(jobs((ROOT / ".github/workflows/release.yml").read_text("utf-8")))
    given = release["chart"]["with"]
    assert given["digest"] == "${{ needs.image.outputs.digest }}"
    assert given["image"] == "${{ needs.image.outputs.repository }}"
    image = yaml.safe_load((ROOT / ".github/workflows/image.yml").read_text("utf-8"))
    # YAML 1.1 reads `on` as true.
    assert set(image[True]["workflow_call"]["outputs"]) == {"repository", "digest"}
    assert set(image["jobs"]["image"]["outputs"]) == {"repository", "digest"}
    [chart] = dict(jobs((ROOT / ".github/workflows/chart.yml").read_text("utf-8"))).values()
    script = "".join(step.get("run", "") for step in chart["steps"])
    assert script.index("argocd.pin") < script.index("helm package")


def test_a_promotion_has_itself_checked() -> None:
    """GitHub starts nothing for what a workflow's own token does, but what it asks for."""
    [promote] = dict(jobs((ROOT / ".github/workflows/promote.yml").read_text("utf-8"))).values()
    script = promote["steps"][-1]["run"]
    [asked] = re.findall(r"gh workflow run (\S+)", script)
    assert script.index("git push") < script.index("gh workflow run")
    assert promote["permissions"]["actions"] == "write"
    assert "workflow_dispatch" in yaml.safe_load((WORKFLOWS[0].parent / asked).read_text())[True]
