from __future__ import annotations

import pytest

from testops import pointers


def test_tokens_are_escaped_twice_as_a_uri_fragment() -> None:
    assert pointers.of("operations", "GET /a~b/{c}") == "/operations/GET%20~1a~0b~1%7Bc%7D"


def test_a_plain_pointer_is_escaped_once() -> None:
    assert pointers.plain(["items", 0, "a/b"]) == "/items/0/a~1b"


def test_a_pointer_leads_through_objects_and_lists() -> None:
    assert pointers.value_at({"items": [{"a/b": 7}]}, "/items/0/a~1b") == 7
    assert pointers.value_at(7, "") == 7


@pytest.mark.parametrize("pointer", ["/items/1", "/items/x", "/other", "/items/0/a/b"])
def test_a_pointer_that_leads_nowhere_is_a_lookup_error(pointer: str) -> None:
    with pytest.raises(LookupError):
        pointers.value_at({"items": [{"a": 1}]}, pointer)


@pytest.mark.parametrize(
    ("pointer", "changed"),
    [
        ("", 0),
        ("/a~1b", {"a/b": 0, "items": [{"c": 1}, 2]}),
        ("/new", {"a/b": 7, "items": [{"c": 1}, 2], "new": 0}),
        ("/items/1", {"a/b": 7, "items": [{"c": 1}, 0]}),
        ("/items/0/c", {"a/b": 7, "items": [{"c": 0}, 2]}),
        ("/items/0/new", {"a/b": 7, "items": [{"c": 1, "new": 0}, 2]}),
    ],
)
def test_a_value_is_replaced_where_a_pointer_leads(pointer: str, changed: object) -> None:
    document = {"a/b": 7, "items": [{"c": 1}, 2]}

    assert pointers.replaced(document, pointer, 0) == changed
    assert document == {"a/b": 7, "items": [{"c": 1}, 2]}


@pytest.mark.parametrize("pointer", ["/items/1", "/items/x", "/other/a", "/items/0/a/b/c"])
def test_nothing_is_replaced_where_there_is_no_way(pointer: str) -> None:
    with pytest.raises(LookupError):
        pointers.replaced({"items": [{"a": 1}]}, pointer, 0)
