from collections.abc import Mapping

import pytest

from app.errors import DescriptionError
from app.openapi import limits
from app.openapi.problems import Problems
from app.openapi.references import BrokenReferenceError, References
from app.openapi.tree import Json, Node


def references(
    entry: Json, *, origin: str = "", files: Mapping[str, bytes] | None = None
) -> References:
    return References(entry, origin=origin, files=files or {}, problems=Problems())


def leads_to(given: References, reference: str, document: str = "") -> Node:
    return given.follow(given.target(reference, document))


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("#/a~1b%20c~0d/x", 1),
        ("#/list/1", "second"),
        ("#/through/x", 1),
        ("#/chain", {"x": 1}),
        ("#/deep/x", 1),
    ],
)
def test_pointers_are_followed(reference: str, value: Json) -> None:
    given = references(
        {
            "a/b c~d": {"x": 1},
            "list": ["first", "second"],
            "through": {"$ref": "#/a~1b%20c~0d"},
            "chain": {"$ref": "#/through"},
            "deep": {"$ref": "#/chain"},
        }
    )
    assert leads_to(given, reference).value == value


def test_the_whole_document_can_be_meant() -> None:
    entry: Json = {"a": 1}
    assert leads_to(references(entry), "#").value == entry
    assert leads_to(references(entry), "").value == entry


@pytest.mark.parametrize("reference", ["#/nope", "#/a/b", "#Pet", "##", "#/a/0"])
def test_what_leads_nowhere_is_broken(reference: str) -> None:
    with pytest.raises(BrokenReferenceError):
        leads_to(references({"a": "text"}), reference)


def test_rings_end() -> None:
    given = references(
        {
            "self": {"$ref": "#/self"},
            "a": {"$ref": "#/b"},
            "b": {"$ref": "#/a"},
            "through": {"$ref": "#/through/x/y"},
        }
    )
    for reference in ("#/self", "#/a", "#/self/x", "#/through/x"):
        with pytest.raises(BrokenReferenceError):
            leads_to(given, reference)


def test_every_step_of_a_pointer_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PARTS", 100)
    with pytest.raises(DescriptionError, match="more than 100 parts"):
        leads_to(references({"a": {"x": {"$ref": "#/a"}}}), "#/a" + "/x" * 200)


@pytest.mark.parametrize(
    "reference",
    [
        "file:///etc/passwd",
        "/etc/passwd",
        "http://169.254.169.254/latest",
        "HTTP://127.0.0.1:1/x",
        "ftp://127.0.0.1/x",
        "data:application/json,{}",
        "jar:file:///etc/passwd!/x",
        "\\\\127.0.0.1\\share\\x.json",
        "//127.0.0.1/x",
    ],
)
def test_nothing_outside_is_looked_at(reference: str) -> None:
    with pytest.raises(BrokenReferenceError, match="nothing is fetched"):
        leads_to(references({}), reference)


def test_files_are_found_relative_to_the_document_that_refers_to_them() -> None:
    given = references(
        {},
        origin="spec/swagger.json",
        files={
            "../common/Error.json": b'{"code": {"$ref": "parts/code.yaml#/x"}}',
            "../common/parts/code.yaml": b"x: {y: 1}",
            "a b.json": b'{"z": 2}',
        },
    )
    target = leads_to(given, "../common/Error.json#/code")
    assert target.value == {"y": 1}
    assert target.pointer == "../common/parts/code.yaml#/x"
    assert leads_to(given, "./a%20b.json#/z").value == 2


def test_a_file_may_refer_back_to_the_entry_document() -> None:
    given = references(
        {"x": 1},
        origin="https://example.com/api/openapi.json?version=2",
        files={"sub/a.json": b'{"back": {"$ref": "../openapi.json#/x"}}'},
    )
    assert leads_to(given, "sub/a.json#/back").value == 1
    assert leads_to(given, "https://example.com/api/openapi.json?version=2#/x").value == 1


def test_a_document_is_known_by_the_name_that_it_gives_itself() -> None:
    """OpenAPI 3.2, "$self"."""
    given = references({"$self": "https://a.test/api#top", "x": 1})
    assert leads_to(given, "https://a.test/api#/x").value == 1


@pytest.mark.parametrize("entry", [{"$self": "https://a.test/other"}, {"$self": 1}, {}, [1]])
def test_a_name_that_no_document_gives_itself_is_outside(entry: Json) -> None:
    with pytest.raises(BrokenReferenceError, match="outside the description"):
        leads_to(references(entry), "https://a.test/api#/x")


def test_a_file_that_was_not_given_or_is_broken_is_asked_for_once() -> None:
    class Counting(dict[str, bytes]):
        asked = 0

        def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
            Counting.asked += 1
            return super().get(key, default)

    given = references({}, files=Counting({"broken.json": b"{", "empty.json": b""}))
    for _ in range(3):
        with pytest.raises(BrokenReferenceError, match="was not given"):
            leads_to(given, "nope.json")
        with pytest.raises(BrokenReferenceError, match=r"'broken.json': Not readable"):
            leads_to(given, "broken.json#/a")
        with pytest.raises(BrokenReferenceError, match="empty"):
            leads_to(given, "empty.json")
    assert Counting.asked == 3


def test_documents_are_limited_in_number_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_DOCUMENT_BYTES", 10)
    given = references({}, files={"a.json": b'{"a": 1}', "b.json": b'{"a": 1}'})
    assert leads_to(given, "a.json#/a").value == 1
    with pytest.raises(BrokenReferenceError, match="too many"):
        leads_to(given, "b.json#/a")
    monkeypatch.setattr(limits, "MAX_DOCUMENTS", 1)
    with pytest.raises(BrokenReferenceError, match="too many"):
        leads_to(references({}, files={"a.json": b"{}"}), "a.json")


def test_a_long_reference_is_cut_in_messages() -> None:
    with pytest.raises(BrokenReferenceError) as caught:
        leads_to(references({}), "x" * 10_000)
    assert len(str(caught.value)) < 300


def test_a_reference_that_is_no_text_is_none() -> None:
    given = references({"a": {"$ref": 5}})
    assert leads_to(given, "#/a").value == {"$ref": 5}
