from collections.abc import Mapping

import pytest

from app.openapi.imports import har
from app.openapi.imports.samples import Answer, FormField, Payload
from app.openapi.tree import Json


def entry(
    method: str = "GET",
    url: str = "https://a.example/pets",
    *,
    mime: str = "application/json",
    status: Json = 200,
    kind: str = "",
    request: Mapping[str, Json] | None = None,
    content: Mapping[str, Json] | None = None,
) -> dict[str, Json]:
    answer: dict[str, Json] = {"mimeType": mime, **(content or {})}
    return {
        "_resourceType": kind,
        "request": {"method": method, "url": url, **(request or {})},
        "response": {"status": status, "content": answer},
    }


def recording(*entries: Json) -> Json:
    return {"log": {"version": "1.2", "entries": list(entries)}}


@pytest.mark.parametrize(
    ("tree", "expected"),
    [(recording(), True), ({"log": {}}, False), ({"log": []}, False), ([], False)],
)
def test_a_recording_has_a_log_with_entries(tree: Json, *, expected: bool) -> None:
    assert har.is_recording(tree) is expected


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (entry(), True),
        (entry(mime="application/problem+json"), True),
        (entry(mime="text/html"), False),
        (entry(mime="image/svg+xml"), False),
        (entry("POST", mime="text/html"), True),
        (entry(mime="text/html", kind="fetch"), True),
        (entry("OPTIONS"), False),
        (entry(url="data:text/plain,x"), False),
        (entry(url="wss://a.example/x"), False),
        ({"response": {}}, False),
        ({"request": {"method": "GET", "url": "https://a.example/x"}}, False),
        ({"request": "odd"}, False),
    ],
)
def test_kept_is_what_asks_an_api(given: Json, *, kept: bool) -> None:
    assert bool(har.read(recording(given)).samples) is kept


def test_what_is_left_out_is_counted() -> None:
    found = har.read(recording(entry(), entry(mime="image/png"), entry(mime="text/css")))
    assert found.title == "Recording of a.example"
    assert [remark.message.partition(" are")[0] for remark in found.remarks] == [
        "2 recorded requests"
    ]
    assert har.read(recording()).title == "Recording"


def test_a_request_and_its_answer_are_read() -> None:
    request: dict[str, Json] = {
        "headers": [{"name": "X-A", "value": "1"}, {"name": ""}],
        "postData": {"mimeType": "application/json", "text": '{"a": 1}'},
    }
    given = entry("post", "https://a.example/pets?x=1", request=request, content={"text": "[]"})
    (sample,) = har.read(recording(given)).samples
    assert (sample.method, sample.origin, sample.path) == ("POST", "https://a.example", "/pets")
    assert (sample.query, sample.headers) == ((("x", "1"),), (("X-A", "1"),))
    assert sample.body == Payload("application/json", '{"a": 1}')
    assert sample.answers == (Answer(200, "As recorded.", Payload("application/json", "[]")),)
    assert sample.pointer == "#/log/entries/0/request"


FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("data", "body"),
    [
        ({"mimeType": "text/plain", "text": ""}, None),
        (
            {"mimeType": FORM, "text": "a=1&b="},
            Payload(FORM, fields=(FormField("a", "1"), FormField("b", ""))),
        ),
        (
            {"mimeType": PARTS, "params": [{"name": "a", "value": "1"}, {"fileName": "x"}]},
            Payload(PARTS, fields=(FormField("a", "1"), FormField("", is_file=True))),
        ),
        ({"mimeType": "multipart/form-data", "text": "--x"}, None),
    ],
)
def test_bodies_of_every_kind_are_read(data: Json, body: Payload | None) -> None:
    (sample,) = har.read(recording(entry("POST", request={"postData": data}))).samples
    assert sample.body == body


@pytest.mark.parametrize(
    ("status", "mime", "content", "payloads"),
    [
        (404, "application/json", {}, []),
        (0, "application/json", {}, []),
        ("200", "application/json", {}, []),
        (204, "x-unknown", {}, [None]),
        (
            200,
            "application/json",
            {"text": "W10=", "encoding": "base64"},
            [Payload("application/json")],
        ),
    ],
)
def test_an_answer_counts_where_it_is_no_error(
    status: Json, mime: str, content: Mapping[str, Json], payloads: list[Payload | None]
) -> None:
    (sample,) = har.read(
        recording(entry("POST", status=status, mime=mime, content=content))
    ).samples
    assert [answer.payload for answer in sample.answers] == payloads
