"""Promotion changes one line of an environment's files, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from argocd import promote

VALUES = """\
# What runs in dev.
web:
  tag: untouched
image:
  repository: registry.example/ai-testops

  # Set by the workflow `promote`.
  tag: "0.1.0" # one line
runner:
  image:
    tag: untouched
"""

APPLICATION = """\
spec:
  sources:
    - repoURL: registry.example/charts
      chart: ai-testops
      targetRevision: 0.1.0 # one line
    - repoURL: https://git.example/ai-testops.git
      targetRevision: main
      ref: values
"""

BRANCH = """\
spec:
  source:
    path: helm/ai-testops
    targetRevision: main
"""

COMMIT = "sha-" + "0a" * 20


def test_only_the_images_tag_changes() -> None:
    assert promote.tagged(VALUES, "1.2.3") == VALUES.replace('"0.1.0"', '"1.2.3"')


def test_the_image_of_a_commit_can_be_promoted() -> None:
    assert f'  tag: "{COMMIT}" # one line' in promote.tagged(VALUES, COMMIT).splitlines()


def test_only_the_charts_version_changes() -> None:
    assert promote.released(APPLICATION, "1.2.3") == APPLICATION.replace("0.1.0", '"1.2.3"')


def test_an_application_of_a_branch_has_no_version() -> None:
    assert promote.released(BRANCH, "1.2.3") is None


def test_a_commit_is_no_release_of_the_chart() -> None:
    with pytest.raises(promote.PromotionError, match="no released version: give one as"):
        promote.released(APPLICATION, COMMIT)


@pytest.mark.parametrize("version", ["latest", "1.2", "v1.2.3", "1.2.3\nx: y", "", "sha-12"])
def test_what_is_no_release_is_refused(version: str) -> None:
    with pytest.raises(promote.PromotionError, match=r"no released version: give one as 1\.2\.3"):
        promote.tagged(VALUES, version)


@pytest.mark.parametrize(
    "values", ["", "image:\nweb:\n  tag: x\n", "runner:\n  image:\n    tag: x\n"]
)
def test_values_without_a_tag_are_refused(values: str) -> None:
    with pytest.raises(promote.PromotionError, match="no `tag:` under `image:`"):
        promote.tagged(values, "1.2.3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two environments: one of released charts, one of a branch."""
    (tmp_path / "applications").mkdir()
    for name, application in {"staging": APPLICATION, "dev": BRANCH}.items():
        (tmp_path / "applications" / f"{name}.yaml").write_text(application)
        (tmp_path / "environments" / name).mkdir(parents=True)
        (tmp_path / "environments" / name / "values.yaml").write_text(VALUES)
    return tmp_path


def read(folder: Path, name: str) -> tuple[str, str]:
    values = folder / "environments" / name / "values.yaml"
    return (folder / "applications" / f"{name}.yaml").read_text(), values.read_text()


def test_the_command_changes_the_chart_or_the_image(folder: Path) -> None:
    assert promote.main(["staging", "2.0.0"], folder) == 0
    assert promote.main(["dev", "2.0.0"], folder) == 0
    assert read(folder, "staging") == (APPLICATION.replace("0.1.0", '"2.0.0"'), VALUES)
    assert read(folder, "dev") == (BRANCH, VALUES.replace("0.1.0", "2.0.0"))


def test_the_command_says_what_is_wrong_and_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert promote.main(["dev", "latest"], folder) == 1
    assert promote.main(["../dev", "1.0.0"], folder) == 1
    assert promote.main(["dev"], folder) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("dev: 'latest' is no released version")
    assert said[1] == "No environment '../dev': there are dev, staging."
    assert said[2].startswith("usage:")
    assert read(folder, "dev") == (BRANCH, VALUES)
