"""A release's notes are its section of the changelog, and a version without one is refused."""

from __future__ import annotations

import json

import pytest

from docs import release

PROJECT = '[project]\nname = "x"\nversion = "1.2.0"\n'
CHANGELOG = """\
# Changelog

## Unreleased

## 1.2.0 - 2026-11-01

### Added

- This.

## 1.1.0 - 2026-10-01

- That.
"""


def test_the_notes_are_the_versions_section() -> None:
    assert release.notes("1.2.0", CHANGELOG, PROJECT) == "### Added\n\n- This.\n"


def test_the_oldest_section_ends_with_the_file() -> None:
    project = PROJECT.replace("1.2.0", "1.1.0")
    assert release.notes("1.1.0", CHANGELOG, project) == "- That.\n"


def test_another_version_than_the_projects_is_refused() -> None:
    with pytest.raises(release.ReleaseError, match=r"has version 1\.2\.0, not 1\.1\.0"):
        release.notes("1.1.0", CHANGELOG, PROJECT)


@pytest.mark.parametrize(
    "changelog", ["# Changelog\n", "## 1.2.0\n\n## 1.1.0\n- x\n", "## 1.2.01\n- x\n"]
)
def test_a_version_of_which_nothing_is_said_is_refused(changelog: str) -> None:
    with pytest.raises(release.ReleaseError, match=r"says nothing of 1\.2\.0"):
        release.notes("1.2.0", changelog, PROJECT)


@pytest.mark.parametrize(("version", "revision"), [("1.1.0", "0016"), ("1.2.0", "0014")])
def test_a_version_whose_tables_are_not_frozen_is_refused(version: str, revision: str) -> None:
    """Else the migrations after it would be held against another release's tables."""
    frozen = json.dumps({"version": version, "revision": revision, "tables": {}})
    with pytest.raises(release.ReleaseError, match=f"tables of {version} at {revision}, not of 1"):
        release.unfrozen("1.2.0", frozen, "0016")


def test_a_version_whose_tables_are_frozen_is_released() -> None:
    release.unfrozen("1.2.0", '{"version": "1.2.0", "revision": "0016", "tables": {}}', "0016")


def test_the_command_says_why_a_version_cannot_be_released(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert release.main(["999.0.0"]) == 1
    assert release.main([]) == 2
    said = capsys.readouterr().err
    assert "not 999.0.0" in said
    assert "usage:" in said
