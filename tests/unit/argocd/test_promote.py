"""Promotion changes one line of an environment's values, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from argocd import promote

VALUES = """\
# What runs in staging.
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


def test_only_the_images_tag_changes() -> None:
    changed = promote.promoted(VALUES, "1.2.3")
    assert changed == VALUES.replace('"0.1.0"', '"1.2.3"')


def test_the_image_of_a_commit_can_be_promoted() -> None:
    tag = "sha-" + "0a" * 20
    assert f'  tag: "{tag}" # one line' in promote.promoted(VALUES, tag).splitlines()


@pytest.mark.parametrize("version", ["latest", "1.2", "v1.2.3", "1.2.3\nx: y", "", "sha-12"])
def test_what_is_no_release_is_refused(version: str) -> None:
    with pytest.raises(promote.PromotionError, match=r"no released version: give one as 1\.2\.3"):
        promote.promoted(VALUES, version)


@pytest.mark.parametrize(
    "values", ["", "image:\nweb:\n  tag: x\n", "runner:\n  image:\n    tag: x\n"]
)
def test_values_without_a_tag_are_refused(values: str) -> None:
    with pytest.raises(promote.PromotionError, match="no `tag:` under `image:`"):
        promote.promoted(values, "1.2.3")


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "staging" / "values.yaml"
    path.parent.mkdir()
    path.write_text(VALUES)
    assert promote.main(["staging", "2.0.0"], tmp_path) == 0
    assert path.read_text() == VALUES.replace("0.1.0", "2.0.0")


def test_the_command_says_what_is_wrong_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "staging" / "values.yaml"
    path.parent.mkdir()
    path.write_text(VALUES)
    assert promote.main(["staging", "latest"], tmp_path) == 1
    assert promote.main(["../staging", "1.0.0"], tmp_path) == 1
    assert promote.main(["staging"], tmp_path) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("staging: 'latest' is no released version")
    assert said[1] == "No environment '../staging': there are staging."
    assert said[2].startswith("usage:")
    assert path.read_text() == VALUES
