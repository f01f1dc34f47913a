import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.analytics import robust

VALUES = st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), min_size=1, max_size=40)


def test_half_of_the_values_may_be_wild() -> None:
    usual = robust.usual([1.0, 1.1, 0.9, 1.0, 1e9, 1e9])
    assert [usual.median, usual.spread, usual.sample] == pytest.approx([1.05, 0.1, 6])


def test_the_modified_z_score_is_that_of_iglewicz_and_hoaglin() -> None:
    """0.6745 (x - median) / MAD; here the median is 3 and the MAD is 1."""
    assert robust.modified_z_score(8.0, [1, 2, 3, 4, 5]) == pytest.approx(0.6745 * 5)


def test_where_most_values_are_equal_the_mean_deviation_stands_in() -> None:
    """The median deviation of 1, 1, 1, 3 is 0, the mean deviation 0.5."""
    assert robust.modified_z_score(2.0, [1, 1, 1, 3]) == pytest.approx(0.7979 * 2)


def test_where_all_values_are_equal_any_other_is_infinitely_far() -> None:
    assert robust.modified_z_score(1.0, [1, 1, 1]) == 0
    assert robust.modified_z_score(2.0, [1, 1, 1]) == math.inf
    assert robust.modified_z_score(0.0, [1, 1, 1]) == -math.inf


@given(VALUES, st.floats(-1e6, 1e6))
def test_a_score_has_the_sign_of_the_distance(values: list[float], value: float) -> None:
    score = robust.modified_z_score(value, values)
    distance = value - statistics.median(values)
    assert score * distance >= 0


@given(VALUES, st.floats(0, 1))
def test_a_percentile_lies_within_the_values(values: list[float], share: float) -> None:
    found = robust.percentile(values, share)
    assert found is not None
    assert min(values) <= found <= max(values)


@given(VALUES.filter(lambda values: len(values) > 1))
def test_percentiles_are_those_of_definition_seven(values: list[float]) -> None:
    quartiles = statistics.quantiles(values, n=4, method="inclusive")
    found = [robust.percentile(values, share) for share in (0.25, 0.5, 0.75)]
    assert found == [pytest.approx(each, abs=1e-6) for each in quartiles]


def test_of_nothing_there_is_no_percentile() -> None:
    assert robust.percentile([], 0.5) is None
