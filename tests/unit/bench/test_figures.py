from bench.figures import Goal, Measure, aligned, percentile


def measured() -> Measure:
    measure = Measure("tasks", "a second")
    for ours, theirs in ((100, 50), (10, 5), (3000, 1000)):
        measure.add("ours", ours)
        measure.add("theirs", theirs)
    measure.add("late", 7)
    return measure


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile(range(1, 101), 0.5) == 50
    assert percentile(range(1, 101), 0.99) == 99
    assert percentile([3.0], 0.01) == 3.0


def test_ratios_compare_within_a_round() -> None:
    measure = measured()
    assert measure.median("ours") == 100
    assert measure.ratio("ours", "theirs") == 2
    assert measure.ratio("ours", "late") == 100 / 7
    assert measure.ratio("ours", "nobody") is None
    assert measure.median("nobody") is None


def test_a_table_has_a_line_for_each_with_the_ratio_to_it() -> None:
    lines = measured().table(["ours"]).splitlines()
    assert lines[0].split() == ["tasks", "a", "second", "of", "all", "rounds", "ours", "÷", "it"]
    assert lines[1].split() == ["ours", "100", "10", "…", "3,000", "-"]
    assert lines[2].split() == ["theirs", "50", "5", "…", "1,000", "2.00"]


def test_goals_say_whether_they_are_reached() -> None:
    measures = {"tasks": measured()}
    assert Goal("tasks", "ours", "theirs", at_least=1.5).verdict(measures).startswith("reached")
    assert Goal("tasks", "ours", "theirs", at_least=2.5).verdict(measures).startswith("MISSED")
    assert Goal("tasks", "ours", None, at_most=100).verdict(measures).endswith("≤ 100: 100.00")
    assert Goal("tasks", "ours", None, at_most=99).verdict(measures).startswith("MISSED")
    assert "not measured" in Goal("other", "ours", None, at_most=99).verdict(measures)


def test_columns_are_as_wide_as_they_need_to_be() -> None:
    assert aligned([["a", "b"], ["long", "1"]]) == "a     b\nlong  1"
