"""Which user ids are nobody's."""

from __future__ import annotations

import os

import pytest

from worker.cage import identity

WHOLE = "         0          0 4294967295\n"


def test_a_machine_has_a_range_that_nothing_uses() -> None:
    assert identity.spare(WHOLE) == range(0x70000000, 0x7FFFFFFF)


def test_a_container_has_the_end_of_its_range() -> None:
    assert identity.spare("0 100000 65536") == range(61440, 65534)


@pytest.mark.parametrize("table", ["", "1000 1000 1", "0 1000 1\n1 100000 4096"])
def test_a_namespace_of_few_ids_has_none_to_spare(table: str) -> None:
    assert not identity.spare(table)


def test_only_root_may_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not identity.available()


def test_where_ids_are_not_mapped_all_of_them_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(identity, "_ID_MAP", "/nowhere/uid_map")
    assert identity.available() == range(0x70000000, 0x7FFFFFFF)


def test_an_id_is_drawn_from_the_range() -> None:
    assert identity.choose(range(10, 20), lambda below: below - 1) == 19
