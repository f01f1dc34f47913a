import pytest

from app.openapi import limits, loading
from app.openapi.model import Flow, SecurityScheme
from tests.factories.documents import messages, one, openapi, swagger


def schemes(definitions: object) -> dict[str, SecurityScheme]:
    description = loading.load_bytes(openapi({}, components={"securitySchemes": definitions}))
    return dict(description.security_schemes)


def test_every_kind_of_scheme_is_read() -> None:
    assert schemes(
        {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "query": {"type": "apiKey", "in": "query", "name": "api key"},
            "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
            "basic": {"type": "http", "scheme": "Basic"},
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            "o": {"type": "oauth2", "flows": {}},
            "oidc": {"type": "openIdConnect", "openIdConnectUrl": "file:///etc/passwd"},
            "tls": {"type": "mutualTLS"},
        }
    ) == {
        "key": SecurityScheme("key", "apiKey", location="header", parameter="X-Key"),
        "query": SecurityScheme("query", "apiKey", location="query", parameter="api key"),
        "cookie": SecurityScheme("cookie", "apiKey", location="cookie", parameter="sid"),
        "basic": SecurityScheme("basic", "http", scheme="basic"),
        "bearer": SecurityScheme("bearer", "http", scheme="bearer", bearer_format="JWT"),
        "o": SecurityScheme("o", "oauth2"),
        "oidc": SecurityScheme("oidc", "openIdConnect"),
        "tls": SecurityScheme("tls", "mutualTLS"),
    }


def test_swagger_2_names_basic_by_itself() -> None:
    definitions = {
        "b": {"type": "basic"},
        "k": {"type": "apiKey", "in": "query", "name": "key"},
    }
    description = loading.load_bytes(swagger({}, securityDefinitions=definitions))
    assert description.security_schemes == {
        "b": SecurityScheme("b", "http", scheme="basic"),
        "k": SecurityScheme("k", "apiKey", location="query", parameter="key"),
    }


@pytest.mark.parametrize(
    "definition",
    [
        None,
        {},
        {"type": "thing"},
        {"type": "apiKey", "in": "body", "name": "x"},
        {"type": "apiKey", "in": "header"},
        {"type": "apiKey", "in": "header", "name": 'X"\r\nInjected: 1'},
        {"type": "apiKey", "in": "cookie", "name": "a;b"},
        {"type": "http"},
        {"type": "http", "scheme": "a b"},
        {"$ref": "#/nope"},
    ],
)
def test_a_scheme_that_cannot_be_used_is_a_problem(definition: object) -> None:
    description = loading.load_bytes(openapi({}, components={"securitySchemes": {"s": definition}}))
    assert description.security_schemes == {}
    assert "left out" in messages(description)[0]


def test_an_operation_asks_for_its_own_or_what_the_description_asks_for() -> None:
    description = loading.load_bytes(
        openapi(
            {
                "/a": {
                    "get": {},
                    "put": {"security": []},
                    "post": {"security": [{"b": [], "c": []}, {}, {}]},
                    "delete": {"security": None},
                }
            },
            security=[{"a": []}],
            components={
                "securitySchemes": {name: {"type": "mutualTLS"} for name in ("a", "b", "c")}
            },
        )
    )
    assert {operation.method: operation.security for operation in description.operations} == {
        "GET": (frozenset({"a"}),),
        "PUT": (),
        "POST": (frozenset({"b", "c"}), frozenset()),
        "DELETE": (frozenset({"a"}),),
    }
    assert not description.problems


def test_a_scheme_that_nobody_describes_stays_asked_for() -> None:
    data = openapi({"/a": {"get": {"security": [{"gone": []}, 5]}}})
    assert one(data).security == (frozenset({"gone"}),)
    assert messages(loading.load_bytes(data)) == [
        "The security requirement is no object.",
        "The security scheme 'gone' is not described.",
    ]


def test_alternatives_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ALTERNATIVES", 2)
    data = openapi({"/a": {"get": {"security": [{str(number): []} for number in range(5)]}}})
    assert len(one(data).security) == 2
    assert "not looked at" in messages(loading.load_bytes(data))[0]


def test_the_flows_of_oauth_2_say_where_a_token_comes_from() -> None:
    flows = {
        "clientCredentials": {
            "tokenUrl": "https://a.example/token",
            "scopes": {"read": "", "w": ""},
        },
        "password": {"tokenUrl": "/token"},
        "authorizationCode": {"authorizationUrl": "https://a.example/auth", "tokenUrl": "x:y@z"},
        "deviceAuthorization": {"deviceAuthorizationUrl": "https://a.example/device"},
        "x-own": {},
        "telepathy": {},
    }
    data = openapi({}, components={"securitySchemes": {"o": {"type": "oauth2", "flows": flows}}})
    description = loading.load_bytes(data)
    assert description.security_schemes["o"].flows == (
        Flow("clientCredentials", token_url="https://a.example/token", scopes=("read", "w")),
        Flow("password", token_url="/token"),
        Flow("authorizationCode", authorization_url="https://a.example/auth"),
        Flow("deviceAuthorization", authorization_url="https://a.example/device"),
    )
    assert [message.partition(":")[0] for message in messages(description)] == [
        "The address is left out",
        "The flow 'telepathy' is left out",
    ]


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        (
            "application",
            (Flow("clientCredentials", token_url="https://a.example/t", scopes=("r",)),),
        ),
        (
            "accessCode",
            (Flow("authorizationCode", token_url="https://a.example/t", scopes=("r",)),),
        ),
        ("telepathy", ()),
    ],
)
def test_the_one_flow_of_swagger_2_stands_in_the_scheme(
    flow: str, expected: tuple[Flow, ...]
) -> None:
    scheme = {
        "type": "oauth2",
        "flow": flow,
        "tokenUrl": "https://a.example/t",
        "scopes": {"r": ""},
    }
    description = loading.load_bytes(swagger({}, securityDefinitions={"o": scheme}))
    assert description.security_schemes["o"].flows == expected


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a.example/.well-known/openid-configuration", True),
        ("file:///etc/passwd", False),
        ("https://user:word@a.example/", False),
        ("http://[", False),
    ],
)
def test_the_discovery_document_of_openid_connect_is_known(address: str, *, kept: bool) -> None:
    scheme = {"type": "openIdConnect", "openIdConnectUrl": address}
    assert schemes({"oidc": scheme})["oidc"].discovery_url == (address if kept else "")


def test_the_metadata_of_a_server_of_oauth_2_say_where_tokens_are() -> None:
    """RFC 8414, as OpenAPI 3.2 names it; only of OAuth 2."""
    url = "https://a.example/.well-known/oauth-authorization-server"
    found = schemes(
        {
            "o": {"type": "oauth2", "oauth2MetadataUrl": url, "openIdConnectUrl": "https://b.test"},
            "oidc": {"type": "openIdConnect", "oauth2MetadataUrl": url},
        }
    )
    assert (found["o"].discovery_url, found["oidc"].discovery_url) == (url, "")


def test_the_scopes_that_an_operation_asks_for_are_kept_by_scheme() -> None:
    data = openapi(
        {
            "/a": {
                "get": {"security": [{"o": ["read", "read"]}, {"o": ["admin"], "k": []}]},
                "put": {},
                "post": {"security": []},
            }
        },
        security=[{"o": ["usual"]}],
        components={"securitySchemes": {"o": {"type": "oauth2"}, "k": {"type": "mutualTLS"}}},
    )
    scopes = {each.method: dict(each.scopes) for each in loading.load_bytes(data).operations}
    assert scopes == {"GET": {"o": ("read", "admin")}, "PUT": {"o": ("usual",)}, "POST": {}}
