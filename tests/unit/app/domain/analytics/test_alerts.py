import pytest

from app.domain.analytics.alerts import Kind, Limit


@pytest.mark.parametrize(
    ("kind", "limit", "beyond", "within"),
    [
        (Kind.PASS_RATE_BELOW, 0.9, 0.89, 0.9),
        (Kind.P95_ABOVE, 2.0, 2.1, 2.0),
        (Kind.NO_RUN_SINCE, 3600, 3601, 3600),
        (Kind.QUEUE_AGE_ABOVE, 60, 61, 60),
    ],
)
def test_a_limit_is_passed_beyond_it(
    kind: Kind, limit: float, beyond: float, within: float
) -> None:
    rule = Limit(kind, limit)
    assert rule.is_passed(beyond)
    assert not rule.is_passed(within)
    assert not rule.is_passed(None)


def test_rules_and_figures_are_told_in_words() -> None:
    assert Limit(Kind.PASS_RATE_BELOW, 0.9).rule == "pass rate below 90 %"
    assert Limit(Kind.P95_ABOVE, 2, "GET /pets").rule == "p95 of GET /pets above 2 s"
    assert Limit(Kind.NO_RUN_SINCE, 86_400).rule == "no run for 24 h"
    assert Limit(Kind.QUEUE_AGE_ABOVE, 600).rule == "queue age above 10 min"
    assert Limit(Kind.P95_ABOVE, 2).text(2.5) == "95 % of the last runs took at most 2.5 s."
    assert Limit(Kind.PASS_RATE_BELOW, 1).text(None) == "There is no figure yet."


def test_only_some_figures_are_of_operations() -> None:
    assert [kind for kind in Kind if kind.is_of_operations] == [
        Kind.PASS_RATE_BELOW,
        Kind.P95_ABOVE,
    ]
