import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.plans import PlannedCase, slices


def cases(count: int) -> list[PlannedCase]:
    return [PlannedCase(str(n), f"GET /{n}", f"test_{n}.py", "") for n in range(count)]


@given(count=st.integers(0, 60), size=st.integers(1, 20))
def test_slices_hold_every_case_once_and_in_order(count: int, size: int) -> None:
    pieces = list(slices(cases(count), size))
    assert [case for piece in pieces for case in piece] == cases(count)
    assert all(0 < len(piece) <= size for piece in pieces)


@pytest.mark.parametrize(("count", "size", "pieces"), [(0, 5, 0), (5, 5, 1), (6, 5, 2)])
def test_no_slice_more_than_needed(count: int, size: int, pieces: int) -> None:
    assert len(list(slices(cases(count), size))) == pieces
