import math

import pytest

from app.openapi import limits, yaml_tree
from app.openapi.model import Problem
from app.openapi.problems import Problems
from app.openapi.tree import Json


def read(text: str) -> Json:
    return yaml_tree.parse(text, document="", problems=Problems())


def problems_of(text: str) -> tuple[Problem, ...]:
    problems = Problems()
    yaml_tree.parse(text, document="", problems=problems)
    return problems.listed()


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2020-01-01", "2020-01-01"),
        ("2020-01-01T10:00:00Z", "2020-01-01T10:00:00Z"),
        ("25:00:00", "25:00:00"),
        ("12:30", "12:30"),
        ("=", "="),
        ("yes", "yes"),
        ("off", "off"),
        ("1_000", "1_000"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("! 5", "5"),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("!!binary aGk=", "aGk="),
        ("|\n  5", "5"),
        ("5", 5),
        ("-7", -7),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("1" * 5000, math.inf),
    ],
)
def test_scalars_follow_the_core_schema(written: str, read_as: Json) -> None:
    assert read(f"a: {written}") == {"a": read_as}


def test_numbers_beyond_json_are_left_to_the_reader() -> None:
    parsed = read("[.inf, -.INF, .NaN]")
    assert isinstance(parsed, list)
    assert parsed[:2] == [math.inf, -math.inf]
    assert isinstance(parsed[2], float)
    assert math.isnan(parsed[2])


def test_keys_are_text_as_written() -> None:
    assert read("200: a\n1.0: b\ntrue: c\n~: d\n'x': e") == {
        "200": "a",
        "1.0": "b",
        "true": "c",
        "~": "d",
        "x": "e",
    }


def test_an_empty_text_is_null() -> None:
    assert read("# only a comment") is None


def test_aliases_share_one_value() -> None:
    parsed = read("a: &x [1]\nb: *x\nc: &y 5\nd: *y\n&k key: 1\ne: *k\n*k : 2")
    assert isinstance(parsed, dict)
    assert parsed["b"] is parsed["a"]
    assert parsed["d"] == 5
    assert parsed["e"] == "key"
    assert parsed["key"] == 2


def test_an_alias_without_anchor_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'\*x' names no anchor in line 2"):
        read("a: 1\nb: *x")


def test_a_bomb_is_refused_by_its_written_out_size() -> None:
    levels = ["x0: &x0 [a, a, a, a, a, a, a, a, a, a]"]
    levels += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(OverflowError, match="aliases are written out"):
        read("\n".join(levels))


def test_a_merge_bomb_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_VALUES", 2000)
    keys = ", ".join(f"k{n}: 1" for n in range(50))
    levels = [f"x0: &x0 {{{keys}}}"]
    levels += [f"x{n}: &x{n} {{<<: *x{n - 1}}}" for n in range(1, 100)]
    with pytest.raises(OverflowError, match="more than"):
        read("\n".join(levels))


def test_many_plain_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_VALUES", 10)
    with pytest.raises(OverflowError, match="more than 10"):
        read("[1,1,1,1,1,1,1,1,1,1,1]")
    with pytest.raises(OverflowError, match="more than 10"):
        read("[[],[],[],[],[],[],[],[],[],[],[]]")


def test_an_anchor_in_itself_becomes_null_and_a_problem() -> None:
    assert read("a: &x\n  b: *x\n  c: 1") == {"a": {"b": None, "c": 1}}
    (problem,) = problems_of("a: &x\n  b: *x\n")
    assert problem == Problem("#/a/b", "The anchor 'x' contains itself; null stands in its place.")


def test_depth_is_limited() -> None:
    deep = limits.MAX_YAML_DEPTH
    assert read("[" * deep + "]" * deep)
    with pytest.raises(OverflowError, match="deeper"):
        read("[" * (deep + 1) + "]" * (deep + 1))
    with pytest.raises(OverflowError, match="deeper"):
        read("a: " + "{a: " * 5000)


def test_merge_keys_add_what_is_not_said() -> None:
    text = "base: &b {x: 1, y: 2}\nmore: &m {z: 3}\none: {<<: *b, x: 9}\nboth: {<<: [*b, *m]}"
    parsed = read(text)
    assert isinstance(parsed, dict)
    assert parsed["one"] == {"x": 9, "y": 2}
    assert parsed["both"] == {"x": 1, "y": 2, "z": 3}


def test_a_quoted_merge_key_is_a_key() -> None:
    assert read("'<<': {x: 1}") == {"<<": {"x": 1}}


def test_a_merge_of_no_mapping_is_a_problem() -> None:
    assert read("a: {<<: 5, b: 1}") == {"a": {"b": 1}}
    (problem,) = problems_of("a: {<<: 5, b: 1}")
    assert problem == Problem("#/a", "A merge key '<<' needs a mapping; it was left out.")


def test_a_repeated_key_is_a_problem_and_the_last_one_counts() -> None:
    text = "paths:\n  /a: 1\n  /a: 2"
    assert read(text) == {"paths": {"/a": 2}}
    (problem,) = problems_of(text)
    assert problem.pointer == "#/paths/~1a"
    assert "stands here twice" in problem.message


def test_only_the_first_document_is_read() -> None:
    assert read("a: 1\n---\nb: 2") == {"a": 1}
    (problem,) = problems_of("a: 1\n---\nb: 2")
    assert "Only the first" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['touch /tmp/x']",
        "a: !!python/name:os.system",
        "a: !include other.yaml",
        "a: !Ref {b: 1}",
    ],
)
def test_tags_that_ask_for_more_than_data_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="asks for more than plain data"):
        read(text)


@pytest.mark.parametrize("text", ["? [a]\n: 1", "? {a: 1}\n: 1", "a: &x [1]\n*x : 1"])
def test_keys_that_are_no_text_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a key that is no plain text"):
        read(text)


def test_tags_of_plain_data_are_read() -> None:
    assert read("!!map {a: !!seq [1], b: !!set {x: null}}") == {"a": [1], "b": {"x": None}}


def test_broken_yaml_is_refused_with_line_and_column() -> None:
    with pytest.raises(ValueError, match=r"in line 2, column \d"):
        read("a: 1\n  b: [")


def test_what_libyaml_cannot_read_is_refused() -> None:
    with pytest.raises(ValueError, match=r"control characters|unacceptable"):
        read("a: \x1b")


def test_encoding_debris_is_replaced() -> None:
    assert read('a: "x\x9fy\ufeffz\x7f"') == {"a": "x\ufffdy\ufffdz\ufffd"}
