import json
import math

import pytest

from app.openapi import json_tree, limits


def test_json_is_read() -> None:
    assert json_tree.parse('{"a": [1, 2.5, null, true, "\\u00e9"]}') == {
        "a": [1, 2.5, None, True, "é"]
    }


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        json_tree.parse('{"a": ')


def test_nesting_is_measured_before_it_is_parsed() -> None:
    deep = limits.MAX_JSON_DEPTH
    assert json_tree.parse("[" * deep + "]" * deep)
    with pytest.raises(OverflowError, match="deeper"):
        json_tree.parse("[" * (deep + 1) + "]" * (deep + 1))
    with pytest.raises(OverflowError, match="deeper"):
        json_tree.parse('{"a":' * 100_000)


def test_brackets_in_strings_do_not_count() -> None:
    text = json.dumps({"a": "[" * 2000 + '\\"' + "{" * 2000})
    assert json_tree.parse(text) == json.loads(text)


def test_values_are_counted_before_they_take_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_VALUES", 10)
    assert json_tree.parse('["a,b,c,d,e,f,g,h,i,j,k,l,m"]')
    with pytest.raises(OverflowError, match="more than 10 values"):
        json_tree.parse("[1,1,1,1,1,1,1,1,1,1,1]")


def test_what_follows_the_end_is_not_measured() -> None:
    with pytest.raises(ValueError, match="Extra data"):
        json_tree.parse("{}" + "]" * 1000)


def test_strings_left_open_take_linear_time() -> None:
    with pytest.raises(ValueError, match="Unterminated"):
        json_tree.parse('"' + '\\"' * 1_000_000)


def test_lone_surrogates_are_replaced_and_pairs_kept() -> None:
    text = '{"\\ud800k": ["\\udfff", "\\ud83d\\ude00", {"a": "\\ud800"}], "n": 1}'
    assert json_tree.parse(text) == {"\ufffdk": ["\ufffd", "😀", {"a": "\ufffd"}], "n": 1}
    assert json_tree.parse('"\\ud800"') == "\ufffd"


def test_numbers_beyond_json_are_left_to_the_reader() -> None:
    parsed = json_tree.parse("[NaN, 1e999]")
    assert isinstance(parsed, list)
    assert isinstance(parsed[0], float)
    assert math.isnan(parsed[0])
    assert parsed[1] == math.inf
