from __future__ import annotations

from pathlib import Path

import pytest

from app.ai import project
from app.errors import ConflictError
from app.openapi.model import ApiDescription
from local import writing
from local.writing import Project

#: What somebody may change.
WRITTEN = ("conftest.py", "seed", "tests/test_a.py", "tests/test_b.py")
EMPTY = ApiDescription("Pets", "1", "3.1", (), (), {})


@pytest.fixture(autouse=True)
def written(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the writer is made to write, without the writer."""
    files = {
        "conftest.py": "",
        "contract.json": "{}",
        "testops/__init__.py": "",
        "tests/test_a.py": "one",
        "tests/test_b.py": "two",
    }
    monkeypatch.setattr(
        project, "files", lambda _, *, seed: iter((files | {"seed": f"{seed}"}).items())
    )
    return files


def names(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_a_project_is_written_whole(tmp_path: Path, written: dict[str, str]) -> None:
    folder = tmp_path / "new" / "project"
    assert writing.write(EMPTY, folder, seed=7) == Project(2)
    kept = {f".testops/written/{name}" for name in WRITTEN}
    assert names(folder) == {*written, "seed", *kept}
    assert (folder / "seed").read_text() == "7"
    assert list(folder.parent.iterdir()) == [folder]


def test_a_project_of_ours_is_replaced(tmp_path: Path, written: dict[str, str]) -> None:
    writing.write(EMPTY, tmp_path / "p", seed=0)
    del written["tests/test_b.py"]
    assert writing.write(EMPTY, tmp_path / "p", seed=0) == Project(1)
    assert "tests/test_b.py" not in names(tmp_path / "p")


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    assert writing.write(EMPTY, tmp_path, seed=0) == Project(2)


@pytest.mark.parametrize("make", ["file", "folder", "link"])
def test_anything_else_is_left_alone(tmp_path: Path, make: str) -> None:
    place = tmp_path / "place"
    if make == "file":
        place.write_text("mine")
    elif make == "folder":
        place.mkdir()
        (place / "notes.txt").write_text("mine")
    else:
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")
    before = names(tmp_path)
    with pytest.raises(ConflictError, match="no written project"):
        writing.write(EMPTY, place, seed=0)
    assert names(tmp_path) == before


def test_a_writer_that_fails_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing.write(EMPTY, tmp_path / "p", seed=1)
    before = names(tmp_path)

    def failing(_: ApiDescription, *, seed: int) -> None:
        raise ConflictError(f"no seed {seed}")

    monkeypatch.setattr(project, "files", failing)
    with pytest.raises(ConflictError, match="no seed 2"):
        writing.write(EMPTY, tmp_path / "p", seed=2)
    assert names(tmp_path) == before
