import pytest

from app.openapi import tree
from app.openapi.tree import Node


def test_a_pointer_names_the_place_as_a_uri_fragment() -> None:
    root = Node("", {"paths": {"/pets/{id}": {"a b~": [1, {"x": 2}]}}})
    node = root
    for token in ("paths", "/pets/{id}", "a b~", "1", "x"):
        found = node.at(token)
        assert found is not None
        node = found
    assert node.value == 2
    assert node.pointer == "#/paths/~1pets~1{id}/a%20b~0/1/x"
    assert tree.tokens_of(node.pointer.partition("#")[2]) == (
        "paths",
        "/pets/{id}",
        "a b~",
        "1",
        "x",
    )


def test_a_place_in_another_document_names_the_document() -> None:
    assert Node("common/Error.json", {"a": 1}).child("a", 1).pointer == "common/Error.json#/a"


@pytest.mark.parametrize("token", ["2", "-1", "01", "x", "99999999999999999999", "٣"])
def test_a_list_is_walked_by_plain_indexes_only(token: str) -> None:
    assert Node("", ["a", "b"]).at(token) is None


def test_null_and_absence_are_the_same() -> None:
    node = Node("", {"a": None, "b": 0})
    assert node.get("a") is None
    assert node.get("c") is None
    found = node.get("b")
    assert found is not None
    assert found.value == 0
    assert Node("", 5).get("a") is None


def test_only_containers_have_members() -> None:
    assert [entry.token for entry in Node("", {"a": 1, "b": 2}).items()] == ["a", "b"]
    assert [entry.token for entry in Node("", ["x", "y"]).elements()] == ["0", "1"]
    assert not list(Node("", "text").items())
    assert not list(Node("", "text").elements())
    assert Node("", "text").at("0") is None


def test_an_empty_pointer_is_the_whole_document() -> None:
    assert tree.tokens_of("") == ()
    with pytest.raises(ValueError, match="starts with"):
        tree.tokens_of("Pet")


def test_prose_is_text_without_controls() -> None:
    assert tree.prose(" a\x00\x1b[31m\nb ") == "a[31m\nb"
    assert tree.prose(1.5) == "1.5"
    assert tree.prose(2) == "2"
    assert tree.prose(value=True) == ""
    assert tree.prose(None) == ""
    assert tree.prose(["a"]) == ""
