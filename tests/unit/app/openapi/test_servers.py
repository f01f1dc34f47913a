import pytest

from app.openapi import loading
from tests.factories.documents import messages, openapi, swagger

ORIGIN = "https://api.example.com/docs/openapi.json?v=2"


def test_servers_are_kept_in_order_and_once() -> None:
    servers = [
        {"url": "https://b.example/v1/"},
        {"url": "http://a.example:8080"},
        {"url": "https://b.example/v1"},
        {"url": "http://[::1]:8080/x"},
    ]
    description = loading.load_bytes(openapi({}, servers=servers))
    assert description.servers == (
        "https://b.example/v1",
        "http://a.example:8080",
        "http://[::1]:8080/x",
    )
    assert not description.problems


def test_variables_take_their_default() -> None:
    server = {
        "url": "https://{region}.example:{port}/{base}",
        "variables": {
            "region": {"default": "eu"},
            "port": {"default": 8443, "enum": ["8443"]},
            "base": {"default": "v2"},
        },
    }
    assert loading.load_bytes(openapi({}, servers=[server])).servers == (
        "https://eu.example:8443/v2",
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/v1", "https://api.example.com/v1"),
        ("v1", "https://api.example.com/docs/v1"),
        ("", "https://api.example.com"),
        ("//other.example/v1", "https://other.example/v1"),
        ("http://other.example", "http://other.example"),
    ],
)
def test_relative_servers_stand_beside_the_description(url: str, expected: str) -> None:
    data = openapi({}, servers=[{"url": url}])
    assert loading.load_bytes(data, origin=ORIGIN).servers == (expected,)


@pytest.mark.parametrize("servers", [None, []])
def test_without_servers_it_is_where_the_description_came_from(servers: object) -> None:
    data = openapi({}, servers=servers)
    assert loading.load_bytes(data, origin=ORIGIN).servers == ("https://api.example.com",)
    assert loading.load_bytes(data, origin="openapi.json").servers == ()
    assert loading.load_bytes(data).servers == ()


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        ({"url": 'http://127.0.0.1:9/"+__import__("os")+"'}, "characters"),
        ({"url": "http://a.example/\nx"}, "characters"),
        ({"url": "https://{region}.example"}, "without a default"),
        ({"url": "https://{r}.example", "variables": {"r": {}}}, "without a default"),
        ({"url": "http://user:pass@a.example/"}, "credentials"),
        ({"url": "http://a.example/?x=1"}, "a query"),
        ({"url": "http:///x"}, "no host"),
        ({"url": "http://169.254.169.254/"}, "link-local"),
        ({"url": "http://[fe80::1]/"}, "link-local"),
        ({"url": "file:///etc/"}, "not http"),
        ({"url": "javascript:alert(1)"}, "not http"),
        ({"url": "ws://a.example"}, "not http"),
        ({"url": "http://a.example:99999"}, "malformed"),
        ({"url": "http://[::1"}, "malformed"),
        ({"url": "/v1"}, "relative"),
        ({"url": None}, "no 'url'"),
        ({"url": 5}, "no 'url'"),
        ({}, "no 'url'"),
    ],
)
def test_odd_servers_are_left_out(server: object, reason: str) -> None:
    description = loading.load_bytes(openapi({}, servers=[server]))
    assert description.servers == ()
    (message,) = messages(description)
    assert reason in message


def test_odd_servers_are_no_reason_to_guess_one() -> None:
    data = openapi({}, servers=[{"url": "file:///etc"}])
    assert loading.load_bytes(data, origin=ORIGIN).servers == ()


@pytest.mark.parametrize(
    ("keys", "origin", "expected"),
    [
        (
            {"host": "a.example", "basePath": "/v2", "schemes": ["https", "HTTP", "wss", 5]},
            "",
            ("https://a.example/v2", "http://a.example/v2"),
        ),
        ({"host": "a.example"}, "", ("https://a.example", "http://a.example")),
        ({"host": "a.example"}, ORIGIN, ("https://a.example",)),
        (
            {"host": "a.example:81", "schemes": ["ws"]},
            "",
            ("https://a.example:81", "http://a.example:81"),
        ),
        ({"basePath": "v2"}, ORIGIN, ("https://api.example.com/v2",)),
        ({}, "http://u:p@127.0.0.1:5000/spec.json", ("http://127.0.0.1:5000",)),
        ({"basePath": "/v2"}, "", ()),
        ({"basePath": "/v2"}, "swagger.json", ()),
        ({"host": 5, "schemes": "http"}, "", ("https://5", "http://5")),
    ],
)
def test_swagger_2_puts_its_server_together(
    keys: dict[str, object], origin: str, expected: tuple[str, ...]
) -> None:
    assert loading.load_bytes(swagger({}, **keys), origin=origin).servers == expected


@pytest.mark.parametrize("host", ["user@a.example", "a b", "169.254.169.254", "a.example?x=1"])
def test_odd_hosts_are_left_out(host: str) -> None:
    description = loading.load_bytes(swagger({}, host=host, schemes=["http"]))
    assert description.servers == ()
    assert "The server is left out" in "".join(messages(description))


def test_a_variable_may_take_each_value_that_is_listed_its_default_first() -> None:
    server = {
        "url": "https://{region}.example/{base}",
        "variables": {
            "region": {"default": "eu", "enum": ["us", "eu"]},
            "base": {"enum": ["v1", "v2"]},
        },
    }
    assert loading.load_bytes(openapi({}, servers=[server])).servers == (
        "https://eu.example/v1",
        "https://us.example/v1",
        "https://eu.example/v2",
    )


def test_an_operation_may_have_servers_of_its_own() -> None:
    paths = {
        "/a": {
            "servers": [{"url": "https://path.example/"}],
            "get": {"servers": [{"url": "https://own.example"}, {"url": "/relative"}, {}]},
            "put": {},
        },
        "/b": {"get": {}},
    }
    description = loading.load_bytes(openapi(paths, servers=[{"url": "https://all.example"}]))
    assert {operation.key: operation.servers for operation in description.operations} == {
        "GET /a": ("https://own.example",),
        "PUT /a": ("https://path.example",),
        "GET /b": (),
    }
    assert not description.problems
