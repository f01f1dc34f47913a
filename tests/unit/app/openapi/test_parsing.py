import pytest

from app.errors import DescriptionError
from app.openapi import limits, parsing
from app.openapi.problems import Problems
from app.openapi.tree import Json


def read(text: str, document: str = "") -> Json:
    return parsing.parse(text.encode(), document=document, problems=Problems())


def test_json_and_yaml_are_told_apart_by_their_beginning() -> None:
    assert read('  {"a": 1}') == {"a": 1}
    assert read("a: 1") == {"a": 1}
    assert read("[1]") == [1]


def test_what_is_nearly_json_is_read_as_yaml() -> None:
    assert read('{"a": 1,}') == {"a": 1}
    assert read("{a: 1}") == {"a": 1}


def test_what_is_neither_is_refused_with_the_reason_json_gave() -> None:
    with pytest.raises(DescriptionError, match="it is not JSON: Expecting property name") as caught:
        read('{"a": 1, {')
    assert caught.value.where == "#"
    assert "JSON or YAML" in caught.value.hint


def test_another_document_is_named_in_the_error() -> None:
    with pytest.raises(DescriptionError) as caught:
        read("a: [", "common/a.yaml")
    assert caught.value.where == "common/a.yaml"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('// a\n{"a": "//b", /* c\n */ "d": 1, // e\n}', {"a": "//b", "d": 1}),
        ('/* a */ ["\\\\\\"/*"]', ['\\"/*']),
        ("{a: http://b}", {"a": "http://b"}),
    ],
)
def test_comments_in_json_are_forgiven(text: str, expected: Json) -> None:
    assert read(text) == expected


@pytest.mark.parametrize("text", ['{"a": 1 /* open', '// a\n{"a": "open', "{" + '"a" /' * 9])
def test_what_is_no_json_without_comments_either_is_refused(text: str) -> None:
    with pytest.raises(DescriptionError, match="it is not JSON"):
        read(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<!DOCTYPE html><html></html>", "HTML page"),
        ("<wsdl:definitions/>", "XML"),
        ("#%RAML 1.0\ntitle: t", "RAML"),
        ("FORMAT: 1A\n# Title", "API Blueprint"),
        ('syntax = "proto3";', "Protocol Buffers"),
        ("type Query { a(id: ID!): String }", "GraphQL"),
        ("# a comment\nschema {\n query: Query\n}", "GraphQL"),
        ("curl -X GET http://x", "curl"),
    ],
)
def test_other_kinds_of_text_are_called_by_their_name(text: str, kind: str) -> None:
    with pytest.raises(DescriptionError, match=kind):
        read(text)


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_VALUES", 10)
    with pytest.raises(DescriptionError, match="too much in it: more than 10 values"):
        read("[1,1,1,1,1,1,1,1,1,1,1]")
