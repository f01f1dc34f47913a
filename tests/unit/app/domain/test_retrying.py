import pytest

from app.domain import retrying


@pytest.mark.parametrize(
    ("attempts", "asked", "chance", "expected"),
    [
        (1, None, 0.5, 0.5),
        (2, None, 0.5, 1.0),
        (2, None, 0.0, 0.0),
        (1, 7.0, 0.5, 7.5),
        (3, None, 0.5, None),
        (1, 61.0, 0.5, None),
    ],
    ids=["first", "second", "jitter", "Retry-After", "given up", "no patience"],
)
def test_a_pause(attempts: int, asked: float | None, chance: float, expected: float | None) -> None:
    assert retrying.pause(attempts, 2, asked, chance) == expected


def test_pauses_do_not_grow_for_ever() -> None:
    assert retrying.pause(50, 99, None, 1.0) == retrying.LONGEST_SECONDS
