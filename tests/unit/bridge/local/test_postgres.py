"""PostgreSQL from the wheel, prepared."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.local import postgres
from bridge.local.postgres import Cluster


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is too long for a socket."""
    outer = Path(tempfile.mkdtemp(prefix="testops-"))
    yield outer / ("long" * 25) / "postgres"
    shutil.rmtree(outer)


def test_a_data_folder_is_made_once_and_its_socket_lies_where_the_path_is_short(
    folder: Path,
) -> None:
    cluster = postgres.prepare(folder)
    version = (folder / "PG_VERSION").stat().st_mtime_ns
    assert postgres.prepare(folder) == cluster
    assert (folder / "PG_VERSION").stat().st_mtime_ns == version
    assert cluster.socket_folder != folder
    assert len(str(cluster.socket_folder)) < 100
    assert Path(cluster.command[0]).name == "postgres"
    cluster.socket_folder.rmdir()


def test_a_server_that_does_not_run_does_not_answer(tmp_path: Path) -> None:
    assert not Cluster(("postgres",), "", tmp_path).answers()


def test_the_address_is_a_socket() -> None:
    url = Cluster(("postgres",), "", Path("/some where")).url()
    assert url == "postgresql://postgres@/testops?host=%2Fsome+where"
