import json
from dataclasses import replace

import pytest

from app.openapi import limits, loading
from app.openapi.imports import document
from app.openapi.imports.samples import Answer, FormField, Kept, Payload, Remark, Sample, Scheme
from app.openapi.model import ApiDescription, Example, Operation
from app.openapi.tree import Json

JSON = "application/json"
PETS = Sample("GET", "https://a.example", "/pets", "#/0")
BEARER = Scheme("bearer", {"type": "http", "scheme": "bearer"})


def told(*samples: Sample) -> ApiDescription:
    found, _ = document.told(Kept("Pets", samples))
    return loading.load_bytes(json.dumps(found).encode())


def one(*samples: Sample) -> Operation:
    (operation,) = told(*samples).operations
    return operation


def remarks(*samples: Sample) -> list[str]:
    _, found = document.told(Kept("Pets", samples, (Remark("#", "Before."),)))
    return [remark.message for remark in found]


def test_samples_of_one_path_and_method_are_one_operation() -> None:
    description = told(
        replace(PETS, path="/pets/1", title="One pet", tags=("pets",)),
        replace(PETS, path="/pets/2", description="Of the second.", tags=("pets", "more")),
        replace(PETS, path="/pets/{id}", path_values={"id": "3", "other": "x"}),
        replace(PETS, path="/pets/{id}", method="DELETE"),
        PETS,
    )
    assert [operation.key for operation in description.operations] == [
        "GET /pets/{petId}",
        "DELETE /pets/{petId}",
        "GET /pets",
    ]
    pet, deletion, _ = description.operations
    assert (pet.summary, pet.description, pet.tags) == (
        "One pet",
        "Of the second.",
        ("pets", "more"),
    )
    assert pet.parameters[0].examples == (Example("1"), Example("2"), Example("3"))
    assert (deletion.parameters[0].name, deletion.parameters[0].examples) == ("petId", ())
    assert description.servers == ("https://a.example",)
    assert description.problems == ()


def test_parameters_are_examples_and_nothing_is_required_because_it_was_sent() -> None:
    headers = (("X-Trace", "t"), ("Accept", "x"), ("sec-ch-ua", "y"), ("Content-Length", "1"))
    operation = one(
        replace(PETS, query=(("limit", "1"),), headers=headers, unset_query=("sort", "limit")),
        replace(PETS, query=(("limit", "2"), ("limit", "1"))),
    )
    assert [(each.name, each.location, each.required) for each in operation.parameters] == [
        ("limit", "query", False),
        ("sort", "query", False),
        ("X-Trace", "header", False),
    ]
    assert operation.parameters[0].examples == (Example("1"), Example("2"))


def test_examples_have_an_end() -> None:
    many = [replace(PETS, query=(("n", str(number)),)) for number in range(limits.MAX_EXAMPLES + 5)]
    assert len(one(*many).parameters[0].examples) == limits.MAX_EXAMPLES


def test_bodies_are_examples_by_media_type() -> None:
    post = replace(PETS, method="POST")
    operation = one(
        replace(post, body=Payload("application/json; charset=utf-8", '{"a": 1}')),
        replace(post, body=Payload(JSON, '{"b": [1]}')),
        replace(post, body=Payload(JSON, '{"b": [1]}')),
        replace(post, body=Payload(JSON, "{broken")),
        replace(post, body=Payload("text/plain", "hi")),
        replace(post, body=Payload("image/png")),
        replace(post, body=Payload("", "untold")),
        post,
    )
    assert operation.body is not None
    assert not operation.body.required
    found = {each.media_type: each for each in operation.body.contents}
    assert list(found) == [JSON, "text/plain", "image/png"]
    assert found[JSON].examples == (Example({"a": 1}), Example({"b": [1]}))
    assert found[JSON].schema == {"properties": {"a": {}, "b": {}}}
    assert found["text/plain"].examples == (Example("hi"),)
    assert found["image/png"].examples == ()


def test_a_form_is_an_object_whose_files_are_files() -> None:
    fields = (FormField("a", "1"), FormField("a", "2"), FormField("f", is_file=True))
    operation = one(
        replace(PETS, method="POST", body=Payload("multipart/form-data", fields=fields))
    )
    assert operation.body is not None
    (content,) = operation.body.contents
    assert content.examples == (Example({"a": ["1", "2"], "f": ""}),)
    assert content.schema == {"properties": {"a": {}, "f": {"type": "string", "format": "binary"}}}


@pytest.mark.parametrize(
    ("payloads", "examples", "needs"),
    [
        ([Payload(JSON, '{"a": 0}', needs=("x", "a"))], [{"a": 0}], ("x", "a")),
        ([Payload(JSON, '{"a": 0}', needs=("x",)), Payload(JSON, '{"b": 1}')], [{"b": 1}], ()),
        (
            [Payload("multipart/form-data", fields=(FormField("f", is_file=True),))],
            [{"f": ""}],
            ("f",),
        ),
        ([Payload(JSON, '{"token": "t"}')], [{"token": "secret"}], ("token",)),
    ],
)
def test_values_that_an_example_lacks_are_told(
    payloads: list[Payload], examples: list[Json], needs: tuple[str, ...]
) -> None:
    operation = one(*(replace(PETS, method="POST", body=payload) for payload in payloads))
    assert operation.body is not None
    (content,) = operation.body.contents
    assert content.examples == tuple(Example(value) for value in examples)
    assert content.needs == needs


def test_a_get_has_no_body() -> None:
    assert one(replace(PETS, body=Payload(JSON, "{}"))).body is None


def test_answers_that_were_kept_are_documented_and_others_may_come() -> None:
    answers = (
        Answer(200, "All", Payload(JSON, '[{"id": 1}]')),
        Answer(200, "More", Payload(JSON, '[{"name": "x"}]')),
        Answer(204, "", Payload("text/html")),
        Answer(304),
        Answer(500, "", Payload(JSON, "{}")),
        Answer(102),
        Answer(404, "None", Payload("", "x")),
    )
    operation = one(replace(PETS, answers=answers))
    assert [(each.status, each.description) for each in operation.responses] == [
        ("200", "All"),
        ("204", ""),
        ("404", "None"),
        ("default", "Any other answer."),
    ]
    (content,) = operation.responses[0].contents
    assert content.schema == {
        "type": "array",
        "items": {"properties": {"id": {}, "name": {}}},
    }
    assert content.examples == ()
    assert operation.responses[1].contents == ()


def test_who_asked_is_told_and_never_demanded() -> None:
    description = told(
        replace(PETS, headers=(("Authorization", "Bearer s3cret"),), query=(("token", "s3cret"),)),
        replace(PETS, schemes=(BEARER,)),
        PETS,
    )
    (operation,) = description.operations
    assert set(operation.security) == {
        frozenset(),
        frozenset({"bearer", "query-token"}),
        frozenset({"bearer"}),
    }
    assert description.security_schemes.keys() == {"bearer", "query-token"}
    assert "s3cret" not in repr(description)
    assert one(PETS).security == ()


def test_what_is_not_told_is_remarked() -> None:
    post = replace(PETS, method="POST", headers=(("Cookie", "a=b"), ("X-Api-Key", "s3cret")))
    assert remarks(
        PETS,
        replace(PETS, method="PROPFIND"),
        replace(PETS, origin="https://other.example"),
        replace(PETS, origin=""),
        replace(PETS, path="/a/1" * 150),
        replace(post, body=Payload(JSON, '{"password": "s3cret"}')),
    ) == [
        "Before.",
        "Credentials are left out; give them with the environment, or as --header.",
        "Secrets in the body are left out; 'secret' is sent.",
        "The request is left out: the method 'PROPFIND' has no place in OpenAPI 3.1.",
        "The request is left out: it asks other.example, most others ask another host.",
        "The request is left out: its path is longer than 500 characters.",
    ]


def test_so_many_requests_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SAMPLES", 1)
    assert remarks(PETS, replace(PETS, path="/b")) == [
        "Before.",
        "1 more requests are not looked at.",
    ]


def test_without_an_origin_there_is_no_server() -> None:
    found, _ = document.told(Kept("Pets", (replace(PETS, origin=""),), version="3"))
    assert "servers" not in found
    assert isinstance(found["info"], dict)
    assert found["info"]["version"] == "3"


def test_names_of_parameters_are_those_of_the_first_operation_of_a_path() -> None:
    description = told(
        replace(PETS, path="/a/{x}/b/{y}", path_values={"x": "1"}),
        replace(PETS, path="/a/{p}/b/{q}", method="PUT", path_values={"q": "2"}),
    )
    assert [operation.key for operation in description.operations] == [
        "GET /a/{x}/b/{y}",
        "PUT /a/{x}/b/{y}",
    ]
    by_name = {each.name: each.examples for each in description.operations[1].parameters}
    assert by_name == {"x": (), "y": (Example("2"),)}


def test_an_example_that_is_json_null_is_one() -> None:
    values: Json = None
    operation = one(replace(PETS, method="PUT", body=Payload(JSON, json.dumps(values))))
    assert operation.body is not None
    assert operation.body.contents[0].examples == (Example(None),)
