"""A chart is packaged with the image that was built for it, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from argocd import pin
from tests.shared_material import ROOT

IMAGE = "ghcr.io/somebody/ai-testops"
DIGEST = "sha256:" + "0a" * 32


@pytest.fixture
def values(tmp_path: Path) -> Path:
    """The chart's own values."""
    path = tmp_path / "values.yaml"
    path.write_text((ROOT / "helm" / "ai-testops" / "values.yaml").read_text())
    return path


def test_the_image_is_named_by_its_digest_and_nothing_else_changes(values: Path) -> None:
    before = yaml.safe_load(values.read_text())
    assert pin.main([IMAGE, DIGEST], values) == 0
    after = yaml.safe_load(values.read_text())
    assert after.pop("image") == {**before.pop("image"), "repository": IMAGE, "digest": DIGEST}
    assert after == before


@pytest.mark.parametrize(
    ("image", "digest", "said"),
    [
        (f"{IMAGE}:0.1.0", DIGEST, "is no image"),
        ("", DIGEST, "is no image"),
        (IMAGE, "0.1.0", "is no digest"),
        (IMAGE, "", "is no digest"),
    ],
)
def test_what_names_no_image_is_refused(
    image: str, digest: str, said: str, values: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = values.read_text()
    assert pin.main([image, digest], values) == 1
    assert said in capsys.readouterr().err
    assert values.read_text() == before


def test_values_without_a_digest_stay_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("image:\n  repository: x\n")
    assert pin.main([IMAGE, DIGEST], path) == 1
    assert "has no `digest:` under `image:`" in capsys.readouterr().err
    assert path.read_text() == "image:\n  repository: x\n"


def test_misuse_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert pin.main([]) == 2
    assert "usage:" in capsys.readouterr().err
