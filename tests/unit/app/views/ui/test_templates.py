"""Of every template: foreign text stays text, and nothing is inline or from elsewhere."""

import json
import re

import pytest

from tests.shared_material import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FRONTEND = ROOT / "frontend"


@pytest.mark.parametrize(
    "forbidden",
    [
        r"\|\s*safe\b",
        r"autoescape",
        r"\sstyle=",
        r"\son[a-z]+=",
        r"<style",
        r"<script\b(?!-)(?![^>]*\ssrc=\"\{\{ asset\()",
        r"hx-on|hx-vals=\"js:",
        r"(src|href)=\"(https?:)?//",
    ],
)
def test_no_template_holds_what_the_content_security_policy_forbids(forbidden: str) -> None:
    found = [path.name for path in TEMPLATES if re.search(forbidden, path.read_text())]
    assert found == []


def test_the_sprite_holds_the_icons_that_are_used_and_no_other() -> None:
    text = "".join(path.read_text() for path in TEMPLATES)
    listed = re.search(r"const ICONS = \[(.*?)\]", (FRONTEND / "build.mjs").read_text(), re.DOTALL)
    assert listed
    sprite = set(re.findall(r"\"([a-z0-9-]+)\"", listed[1]))
    assert set(re.findall(r"\b(?:icon|empty)\(\"([a-z0-9-]+)\"", text)) <= sprite
    assert [name for name in sorted(sprite) if f'"{name}"' not in text] == []


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in packages.items() if name)
