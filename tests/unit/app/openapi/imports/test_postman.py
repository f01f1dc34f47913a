import json

import pytest

from app.openapi.imports import postman
from app.openapi.imports.samples import Answer, FormField, Kept, Payload, Sample
from app.openapi.tree import Json

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection(*items: Json, **more: Json) -> Json:
    return {"info": {"name": "Pets", "schema": SCHEMA}, "item": list(items), **more}


def item(request: Json, **more: Json) -> Json:
    return {"name": "A request", "request": request, **more}


def one(request: Json, *, variables: dict[str, str] | None = None, **more: Json) -> Sample:
    (sample,) = all_of(collection(item(request, **more), variable=pairs(variables or {}))).samples
    return sample


def pairs(given: dict[str, str]) -> Json:
    return [{"key": key, "value": value} for key, value in given.items()]


def all_of(tree: Json) -> Kept:
    return postman.read(tree)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (collection(), True),
        ({"collection": collection()}, True),
        ({"info": {"title": "t"}, "item": []}, False),
        ({"info": {"name": "c"}}, False),
        ([], False),
        ({"collection": []}, False),
    ],
)
def test_a_collection_has_a_name_and_items(tree: Json, *, expected: bool) -> None:
    assert postman.is_collection(tree) is expected


def test_a_collection_says_what_it_is() -> None:
    information: dict[str, Json] = {
        "name": "Pets",
        "description": {"content": "All of them."},
        "version": "2",
    }
    kept = all_of({"info": information, "item": []})
    assert (kept.title, kept.description, kept.version) == ("Pets", "All of them.", "2")
    assert all_of({"info": {"name": ""}, "item": []}).title == "Untitled collection"


def test_folders_are_walked_in_order_and_become_tags() -> None:
    kept = all_of(
        collection(
            {"name": "Pets", "item": [{"name": "Deep", "item": [item("http://a/1")]}]},
            {"name": "Empty", "item": []},
            {"name": "Nothing"},
            item("http://a/2"),
            "odd",
        )
    )
    assert [(sample.path, sample.tags) for sample in kept.samples] == [
        ("/2", ()),
        ("/1", ("Deep",)),
    ]
    assert kept.samples[1].pointer == "#/item/0/item/0/item/0/request"


@pytest.mark.parametrize(
    ("url", "origin", "path"),
    [
        ("https://a.example/v1/pets/:petId?x=1", "https://a.example", "/v1/pets/{petId}"),
        ({"raw": "{{base}}/pets"}, "https://a.example", "/v1/pets"),
        ({"raw": "{{unknown}}/pets/{{petId}}"}, "", "/pets/{petId}"),
        ({"raw": "https://{{unknown}}/pets/{{known}}"}, "", "/pets/{known}"),
        ({"raw": "{{base}}/{{version}}/x{{version}}"}, "https://a.example", "/v1/beta/xbeta"),
        (
            {
                "protocol": "https",
                "host": ["a", "example"],
                "port": "8443",
                "path": ["p", {"value": ":id"}],
            },
            "https://a.example:8443",
            "/p/{id}",
        ),
        ({"host": "a.example", "path": "/p/:"}, "http://a.example", "/p/:"),
        ("", "", "/"),
    ],
)
def test_an_address_is_read_with_its_variables(url: Json, origin: str, path: str) -> None:
    variables = {"base": "https://a.example/v1/", "version": "beta", "known": "12"}
    sample = one({"method": "get", "url": url}, variables=variables)
    assert (sample.method, sample.origin, sample.path) == ("GET", origin, path)


def test_path_variables_bring_their_values() -> None:
    given = {"id": "7", "no": "{{nobody}}", "known": "{{known}}", "empty": ""}
    url: dict[str, Json] = {"raw": "http://a/:id/:no/:known/{{known}}", "variable": pairs(given)}
    sample = one({"url": url}, variables={"known": "12"})
    assert sample.path_values == {"id": "7", "known": "12"}


def test_the_query_is_what_is_switched_on_and_has_values() -> None:
    query: Json = [
        {"key": "a", "value": "1"},
        {"key": "off", "value": "2", "disabled": True},
        {"key": "open", "value": "{{nobody}}"},
        {"key": "id", "value": "{{known}}"},
        {"key": "", "value": "x"},
        {"key": None, "disabled": True},
    ]
    sample = one({"url": {"raw": "http://a/?z=0", "query": query}}, variables={"known": "12"})
    assert sample.query == (("a", "1"), ("id", "12"))
    assert sample.unset_query == ("off", "open")
    assert one({"url": "http://a/?z={{$guid}}&y="}).query[1] == ("y", "")


def test_headers_are_those_whose_values_are_known() -> None:
    off: Json = {"key": "X-Off", "value": "1", "disabled": True}
    given = {"X-A": "{{known}}", "X-B": "{{nobody}}", "X-Token": "{{nobody}}"}
    header: list[Json] = [off]
    header.extend({"key": key, "value": value} for key, value in given.items())
    sample = one({"url": "http://a", "header": header}, variables={"known": "1"})
    assert sample.headers == (("X-A", "1"), ("X-Token", "nobody"))
    assert one({"url": "http://a", "header": "odd"}).headers == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, None),
        ({"mode": "raw", "raw": "x", "disabled": True}, None),
        ({"mode": "raw", "raw": " "}, None),
        ({"mode": "raw", "raw": "[1]"}, Payload("application/json", "[1]")),
        ({"mode": "raw", "raw": "hi"}, Payload("text/plain", "hi")),
        (
            {"mode": "raw", "raw": '{"a": {{nobody}}, "b": [{{known}}, {{nobody}}]}'},
            Payload("application/json", '{"a": 0, "b": [1, 0]}', needs=("nobody",)),
        ),
        (
            {"mode": "raw", "raw": "<a/>", "options": {"raw": {"language": "xml"}}},
            Payload("application/xml", "<a/>"),
        ),
        (
            {
                "mode": "urlencoded",
                "urlencoded": [{"key": "a", "value": "{{known}}"}, {"key": "b", "disabled": True}],
            },
            Payload("application/x-www-form-urlencoded", fields=(FormField("a", "1"),)),
        ),
        (
            {
                "mode": "formdata",
                "formdata": [
                    {"key": "f", "type": "file", "src": "x"},
                    {"key": "a", "type": "text", "value": "1"},
                    {},
                ],
            },
            Payload(
                "multipart/form-data", fields=(FormField("f", is_file=True), FormField("a", "1"))
            ),
        ),
        ({"mode": "formdata"}, None),
        ({"mode": "file", "file": {"src": "x"}}, Payload("application/octet-stream")),
        (
            {"mode": "graphql", "graphql": {"query": "{a}", "variables": '{"x": 1}'}},
            Payload("application/json", json.dumps({"query": "{a}", "variables": {"x": 1}})),
        ),
        (
            {"mode": "graphql", "graphql": {"query": "{a}", "variables": "{broken"}},
            Payload("application/json", json.dumps({"query": "{a}", "variables": {}})),
        ),
        ({"mode": "odd"}, None),
    ],
)
def test_bodies_of_every_mode_are_read(body: Json, expected: Payload | None) -> None:
    sample = one({"url": "http://a", "method": "POST", "body": body}, variables={"known": "1"})
    assert sample.body == expected


def test_a_header_says_what_a_raw_body_is() -> None:
    request: dict[str, Json] = {
        "url": "http://a",
        "header": pairs({"Content-Type": "application/vnd.own+json"}),
        "body": {"mode": "raw", "raw": "{}"},
    }
    assert one(request).body == Payload("application/vnd.own+json", "{}")


def test_a_variable_without_value_leaves_its_name_in_a_body_and_is_told() -> None:
    body: Json = {"mode": "raw", "raw": '{"a": "{{nobody}}", "b": "{{$guid}}", "c": "{{$other}}"}'}
    kept = all_of(collection(item({"url": "http://a", "body": body})))
    assert kept.samples[0].body is not None
    made = json.loads(kept.samples[0].body.text)
    assert (made["a"], len(made["b"]), made["c"]) == ("nobody", 36, "text")
    (remark,) = kept.remarks
    assert (remark.pointer, "'nobody' has no value" in remark.message) == ("#/item/0/request", True)


def test_a_secret_variable_counts_as_unknown() -> None:
    url = "http://a/?x={{apiToken}}"
    assert one({"url": url}, variables={"apiToken": "s3cret"}).query == (("x", "apiToken"),)


def test_variables_may_hold_variables_but_not_without_end() -> None:
    url = "http://a/x?y={{a}}"
    assert one({"url": url}, variables={"a": "{{b}}", "b": "1"}).query == (("y", "1"),)
    assert one({"url": url}, variables={"a": "{{a}}"}).query == (("y", "a"),)
    bomb = {"a": "{{b}}" * 5000, "b": "{{c}}" * 5000, "c": "x" * 5000}
    assert len(one({"url": url}, variables=bomb).query[0][1]) < 2 * 1024 * 1024


def test_saved_answers_are_examples() -> None:
    saved: Json = [
        {
            "name": "Found",
            "code": 200,
            "header": pairs({"Content-Type": "text/csv"}),
            "body": "a,b",
        },
        {"code": 404, "_postman_previewlanguage": "json", "body": "{}"},
        {"code": 204, "name": ""},
        {"code": 299},
        {"code": None},
        {"code": True},
        "odd",
    ]
    assert one("http://a", response=saved).answers == (
        Answer(200, "Found", Payload("text/csv", "a,b")),
        Answer(404, "Not Found", Payload("application/json", "{}")),
        Answer(204, "No Content"),
        Answer(299, ""),
    )


BEARER = {"type": "http", "scheme": "bearer"}


@pytest.mark.parametrize(
    ("auth", "definitions"),
    [
        (None, [BEARER]),
        ({"type": "inherit"}, [BEARER]),
        ({"type": "noauth"}, []),
        ({"type": "awsv4"}, []),
        ({"type": "basic"}, [{"type": "http", "scheme": "basic"}]),
        ({"type": "oauth2"}, [BEARER]),
        (
            {"type": "apikey", "apikey": pairs({"key": "k", "in": "query", "value": "s3cret"})},
            [{"type": "apiKey", "in": "query", "name": "k"}],
        ),
        (
            {"type": "apikey", "apikey": {"key": "X-K", "value": "s3cret"}},
            [{"type": "apiKey", "in": "header", "name": "X-K"}],
        ),
        ({"type": "apikey"}, [{"type": "apiKey", "in": "header", "name": "X-API-Key"}]),
    ],
)
def test_who_asks_is_said_by_the_request_or_inherited(auth: Json, definitions: list[Json]) -> None:
    tree = collection(item({"url": "http://a", "auth": auth}), auth={"type": "bearer"})
    (sample,) = all_of(tree).samples
    assert [dict(each.definition) for each in sample.schemes] == definitions


def test_descriptions_of_request_and_item_are_read() -> None:
    assert one({"url": "http://a", "description": "Of it."}).description == "Of it."
    assert one("http://a", description="Of the item.").description == "Of the item."
