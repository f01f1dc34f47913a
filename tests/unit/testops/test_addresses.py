from __future__ import annotations

import pytest

from testops import addresses
from testops.json_values import Json


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (7, "/pets/7"),
        (True, "/pets/true"),
        ("a b/ü?#", "/pets/a%20b%2F%C3%BC%3F%23"),
        ("50%", "/pets/50%25"),
        (";id=5,6", "/pets/;id=5,6"),
        (".", "/pets/%2E"),
        ("..", "/pets/%2E%2E"),
    ],
)
def test_path_values_are_encoded_so_that_they_stay_one_segment(value: Json, path: str) -> None:
    assert addresses.path_of("/pets/{id}", {"id": value}) == path


def test_the_template_itself_is_encoded_but_keeps_what_is_encoded_already() -> None:
    assert addresses.path_of("/日 {a}/b%20c", {"a": 1}) == "/%E6%97%A5%201/b%20c"


def test_a_fragment_is_never_sent() -> None:
    assert addresses.path_of("/files/{id}#remove_{what}", {"id": 1}) == "/files/1"


def test_a_missing_path_value_is_named() -> None:
    with pytest.raises(ValueError, match=r"/a/\{x\}/\{y\} needs a value for y"):
        addresses.path_of("/a/{x}/{y}", {"x": 1})


@pytest.mark.parametrize(
    ("values", "query"),
    [
        ({}, ""),
        ({"a": 1, "b": False}, "a=1&b=false"),
        ({"ids": [1, 2], "none": None}, "ids=1&ids=2"),
        ({"filter[name]": "x&y=z"}, "filter[name]=x%26y%3Dz"),
    ],
)
def test_queries_repeat_lists_and_leave_none_out(values: dict[str, Json], query: str) -> None:
    assert addresses.query_of(values) == query


def test_reserved_characters_stand_as_they_are_where_they_may() -> None:
    """But for those that end a value, or that a form reads as a space."""
    values = {"to": "/a b?c=d&e+f#g[h]%", "in[x]": "a:b", "of": "/"}
    assert addresses.query_of(values, ["to", "in"]) == (
        "to=/a%20b?c=d%26e%2Bf%23g%5Bh%5D%25&in[x]=a:b&of=%2F"
    )


@pytest.mark.parametrize(
    ("base", "path", "query", "address"),
    [
        ("http://api/v1/", "/pets", "", "http://api/v1/pets"),
        ("http://api", "/pets", "a=1", "http://api/pets?a=1"),
        ("http://api", "/pets?x=2", "a=1", "http://api/pets?x=2&a=1"),
    ],
)
def test_base_path_and_query_are_joined(base: str, path: str, query: str, address: str) -> None:
    assert addresses.joined(base, path, query) == address


def test_through_a_gateway_the_true_target_stands_in_headers() -> None:
    address, headers = addresses.through("http://127.0.0.1:9/", "https://api.example:8443/pets?a=1")

    assert address == "http://127.0.0.1:9/pets?a=1"
    assert headers == {
        "Host": "api.example:8443",
        "X-Testops-Target": "https://api.example:8443",
    }


def test_through_a_gateway_an_empty_path_is_the_root() -> None:
    assert addresses.through("http://g", "http://api")[0] == "http://g/"


def test_none_is_an_empty_text() -> None:
    assert addresses.text_of(None) == ""
