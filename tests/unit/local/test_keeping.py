"""A project that somebody changed is written again."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.ai import project
from app.domain.scripts.deciding import Side
from app.openapi.model import ApiDescription
from local import cli, keeping, writing
from local.writing import Project

EMPTY = ApiDescription("Pets", "1", "3.1", (), (), {})
TWO = "def test_a():\n    assert 1\n\n\ndef test_b():\n    assert 1\n"
ANEW = TWO.replace("assert 1", "assert 3")
MINE = TWO.replace("assert 1", "assert 2", 1).encode() + b"# Mine.\n"
#: No UTF-8, as another editor may leave it.
LATIN = b"# Caf\xe9\n"


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the writer is made to write, without the writer."""
    made = {"conftest.py": "", "contract.json": "{}", "testops/__init__.py": ""}
    made |= {"testops/client.py": "1", "README.md": "# Pets\n", "tests/test_a.py": TWO}
    monkeypatch.setattr(
        project, "files", lambda _, *, seed: iter(({**made, "s": f"{seed}"}).items())
    )
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    writing.write(EMPTY, tmp_path / "p", seed=0)
    return tmp_path / "p"


def write(folder: Path, side: Side | None = None) -> Project:
    return writing.write(EMPTY, folder, seed=0, side=side)


def test_edits_and_what_is_somebodys_own_stay(folder: Path, files: dict[str, str]) -> None:
    (folder / "tests" / "test_a.py").write_bytes(MINE)
    (folder / "README.md").write_bytes(LATIN)
    (folder / "tests" / "test_own.py").write_text("own")
    files["testops/client.py"] = "2"
    assert write(folder) == Project(1)
    assert (folder / "tests" / "test_a.py").read_bytes() == MINE
    assert (folder / "README.md").read_bytes() == LATIN
    assert (folder / "tests" / "test_own.py").read_text() == "own"
    assert (folder / "testops" / "client.py").read_text() == "2"


def test_what_nobody_edited_follows_and_a_conflict_is_told_each_time(
    folder: Path, files: dict[str, str]
) -> None:
    (folder / "tests" / "test_a.py").write_bytes(MINE)
    files["tests/test_a.py"] = ANEW
    expected = MINE.replace(b"test_b():\n    assert 1", b"test_b():\n    assert 3")
    for _ in range(2):
        told = list(write(folder).told())
        assert told[0].startswith("tests/test_a.py, test_a: edited")
        assert {"-    assert 2", "+    assert 3"} <= set(told)
        assert (folder / "tests" / "test_a.py").read_bytes() == expected


@pytest.mark.parametrize(("side", "number"), [(Side.EDITED, b"2"), (Side.GENERATED, b"3")])
def test_a_conflict_is_settled_once(
    folder: Path, files: dict[str, str], side: Side, number: bytes
) -> None:
    (folder / "tests" / "test_a.py").write_bytes(MINE)
    files["tests/test_a.py"] = ANEW
    assert write(folder, side).conflicts == ()
    assert write(folder).conflicts == ()
    text = (folder / "tests" / "test_a.py").read_bytes()
    assert text.startswith(b"def test_a():\n    assert " + number)
    assert text.endswith(b"# Mine.\n")


@pytest.mark.parametrize(("side", "conflicts"), [(None, 1), (Side.EDITED, 0), (Side.GENERATED, 0)])
def test_a_module_that_somebody_deleted_stays_so(
    folder: Path, files: dict[str, str], side: Side | None, conflicts: int
) -> None:
    module = folder / "tests" / "test_a.py"
    module.unlink()
    assert write(folder) == Project(1)
    assert not module.exists()
    files["tests/test_a.py"] = ANEW
    assert len(write(folder, side).conflicts) == conflicts
    assert module.exists() is (side is Side.GENERATED)


def test_an_edited_module_of_an_operation_that_is_gone_is_archived(
    folder: Path, files: dict[str, str]
) -> None:
    (folder / "tests" / "test_a.py").write_bytes(MINE)
    files["tests/test_b.py"] = files.pop("tests/test_a.py")
    files.pop("testops/client.py")
    done = write(folder)
    assert done.archived == ("tests/test_a.py",)
    assert "kept as .testops/archived/tests/test_a.py" in next(iter(done.told()))
    assert (folder / keeping.ARCHIVED / "tests" / "test_a.py").read_bytes() == MINE
    assert not (folder / "tests" / "test_a.py").exists()
    assert not (folder / "testops" / "client.py").exists()
    assert write(folder).archived == ()


def test_the_command_tells_what_was_archived(files: dict[str, str], tmp_path: Path) -> None:
    spec, folder = tmp_path / "openapi.json", tmp_path / "p"
    spec.write_text('{"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}, "paths": {}}')

    def write_again() -> str:
        done = CliRunner().invoke(cli.write, [str(spec), "--out", str(folder)])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert write_again() == f"Wrote 1 test modules for Pets into {folder}.\n"
    (folder / "tests" / "test_a.py").write_bytes(MINE)
    files["tests/test_b.py"] = files.pop("tests/test_a.py")
    assert "kept as .testops/archived/tests/test_a.py." in write_again().splitlines()[0]
