from dataclasses import replace

import pytest

from app.domain.analytics import anomalies
from app.domain.analytics.anomalies import Measure
from app.domain.analytics.track import Mark
from tests.unit.app.domain.analytics.runs_of import at

STEADY = [1.0, 1.1, 0.9, 1.05, 0.95, 1.0, 1.1, 0.9, 1.0, 1.0]


def took(*seconds: float) -> list[Mark]:
    return [Mark(at(minute), 5, 5, each) for minute, each in enumerate(seconds)]


def passed(*of_twenty: int) -> list[Mark]:
    return [Mark(at(minute), each, 20, 1.0) for minute, each in enumerate(of_twenty)]


def test_a_run_that_took_far_longer_than_usual_is_an_anomaly() -> None:
    [found] = anomalies.in_run(took(*STEADY), took(5.0)[0])
    assert (found.measure, found.value, found.usual.sample) == (Measure.DURATION, 5.0, 10)
    assert "It took 5.00 s" in found.text
    assert "10 green runs before it" in found.text
    assert "1.00 s (median)" in found.text


@pytest.mark.parametrize("seconds", [1.0, 1.3, 0.1])
def test_what_is_usual_or_faster_is_none(seconds: float) -> None:
    assert list(anomalies.in_run(took(*STEADY), took(seconds)[0])) == []


def test_few_runs_do_not_show_what_is_usual() -> None:
    assert list(anomalies.in_run(took(*STEADY[:9]), took(50.0)[0])) == []
    assert list(anomalies.in_run(passed(*[20] * 9), passed(1)[0])) == []


def test_scatter_of_milliseconds_is_none() -> None:
    """However many times the usual it is."""
    assert list(anomalies.in_run(took(*[0.01] * 10), took(0.1)[0])) == []
    assert len(list(anomalies.in_run(took(*[0.01] * 10), took(0.12)[0]))) == 1


def test_red_runs_are_not_compared_by_how_long_they_took() -> None:
    red = [Mark(at(1), 0, 1, 30.0)]
    assert list(anomalies.in_run(took(*STEADY), red[0])) == []
    assert list(anomalies.in_run(red * 20, took(50.0)[0])) == []


def test_a_run_in_which_far_more_was_red_is_an_anomaly() -> None:
    [found] = anomalies.in_run(passed(*[20, 19] * 5), passed(10)[0])
    assert (found.measure, found.value) == (Measure.PASS_RATE, 0.5)
    assert "50% of the checks passed" in found.text
    assert "98% did" in found.text


def test_a_rate_that_never_fell_falls_by_five_points() -> None:
    assert len(list(anomalies.in_run(passed(*[20] * 10), passed(19)[0]))) == 1


def test_what_scatters_anyway_or_rises_is_none() -> None:
    assert list(anomalies.in_run(passed(*[10, 15, 20, 12, 18] * 2), passed(9)[0])) == []
    assert list(anomalies.in_run(passed(*[10] * 10), passed(20)[0])) == []


def test_runs_against_another_api_do_not_show_what_is_usual() -> None:
    elsewhere = replace(took(50.0)[0], place="other")
    assert list(anomalies.in_run(took(*STEADY), elsewhere)) == []


def test_one_check_alone_has_no_rate() -> None:
    green = [Mark(at(1), 1, 1, 1.0)] * 20
    assert list(anomalies.in_run(green, Mark(at(2), 0, 1, 1.0))) == []
