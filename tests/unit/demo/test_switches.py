import pytest

from demo import switches


def test_all_and_none() -> None:
    assert switches.chosen(" all ") == tuple(switches.FAULTS)
    assert switches.chosen("none") == ()


def test_names_with_commas_between_them() -> None:
    names = [fault.name for fault in switches.chosen("genre-ignored, year-as-text,")]
    assert names == ["year-as-text", "genre-ignored"]


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no fault gnere"):
        switches.chosen("gnere,year-as-text")


def test_the_table_says_what_is_on() -> None:
    lines = switches.table(switches.chosen("year-as-text")).splitlines()
    assert len(lines) == len(switches.FAULTS) >= 12
    assert [line.split()[1] for line in lines if line.startswith("on ")] == ["year-as-text"]
