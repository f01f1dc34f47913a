"""How much a case has written, seen from outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from worker.cage import space
from worker.cage.space import Watch


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "FOLDER_BYTES", 1024**2)
    monkeypatch.setattr(space, "FOLDER_FILES", 20)


def test_little_is_no_objection(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(1000))
    assert Watch(tmp_path).objection(0) == ""


def test_what_lies_deep_counts_and_holes_do_not(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    with (deep / "holes").open("wb") as file:
        file.truncate(1024**3)
    watch = Watch(tmp_path)
    assert watch.objection(0) == ""
    (deep / "full").write_bytes(b"x" * 2 * 1024**2)
    assert watch.objection(1) == "The case wrote more than 1 MiB into its folder."


def test_files_are_counted(tmp_path: Path) -> None:
    for number in range(21):
        (tmp_path / str(number)).touch()
    assert Watch(tmp_path).objection(0) == "The case made more than 20 files in its folder."


def test_links_lead_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    (tmp_path / "large").write_bytes(b"x" * 2 * 1024**2)
    (folder / "file").symlink_to(tmp_path / "large")
    (folder / "folder").symlink_to(tmp_path)
    assert Watch(folder).objection(0) == ""


def test_it_looks_a_few_times_a_second(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    assert watch.objection(0) == ""
    (tmp_path / "full").write_bytes(b"x" * 2 * 1024**2)
    assert watch.objection(0.1) == ""
    assert watch.objection(0.3)


def test_what_goes_meanwhile_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    (tmp_path / "file").touch()
    listed = list(os.scandir(tmp_path))
    gone.rmdir()
    (tmp_path / "file").unlink()

    class Listing:
        def __init__(self, folder: str) -> None:
            if folder != str(tmp_path):
                raise FileNotFoundError(folder)

        def __enter__(self) -> list[os.DirEntry[str]]:
            return listed

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(os, "scandir", Listing)
    assert Watch(tmp_path).objection(0) == ""


def test_a_folder_that_hides_its_content_is_an_objection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root sees into every folder, so the refusal is made by hand."""

    def refuse(folder: str) -> None:
        raise PermissionError(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    assert "hides what it writes" in Watch(tmp_path).objection(0)
