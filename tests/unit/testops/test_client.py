from __future__ import annotations

import ssl
from collections.abc import Iterator
from functools import cache

import httpx
import pytest

from testops import Api, client
from testops.contract import Contract
from testops.environment import Environment
from testops.errors import ContractError, TargetError
from tests.fakes.exchange import Exchange
from tests.fakes.target import Answer, Target
from tests.unit.testops.conftest import DOCUMENT


@pytest.fixture(autouse=True)
def own_connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has a gateway of its own; a process that the engine runs has one for its life."""
    made: list[httpx.Client] = []
    make = client._through_gateway.__wrapped__

    @cache
    def through(descriptor: int) -> httpx.Client:
        made.append(make(descriptor))
        return made[-1]

    monkeypatch.setattr(client, "_through_gateway", through)
    yield
    for each in made:
        each.close()


def test_a_request_consists_of_what_was_given(api: Api, target: Target) -> None:
    api.post(
        "/pets/{id}",
        path={"id": "a/b"},
        query={"tag": ["x", "y"]},
        headers={"X-A": "1"},
        cookies={"theme": "dark", "n": 1},
        json={"name": "Rex"},
    )

    [asked] = target.asked
    assert (asked.method, asked.target) == ("POST", "/pets/a%2Fb?tag=x&tag=y")
    assert asked.headers["x-a"] == "1"
    assert asked.headers["cookie"] == "theme=dark; n=1"
    assert asked.headers["content-type"] == "application/json"
    assert asked.body == b'{"name": "Rex"}'


def test_each_method_has_its_function(api: Api, target: Target) -> None:
    for call in (api.get, api.post, api.put, api.patch, api.delete):
        call("/")
    api.request("OPTIONS", "/")

    assert [asked.method for asked in target.asked] == [
        *("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
    ]


def test_json_null_is_a_body_and_no_json_is_none(api: Api, target: Target) -> None:
    api.post("/", json=None)
    api.post("/")

    assert [asked.body for asked in target.asked] == [b"null", b""]
    assert "content-type" not in target.asked[1].headers


def test_a_media_type_that_was_given_stays(api: Api, target: Target) -> None:
    api.post("/", json={}, headers={"Content-Type": "application/merge-patch+json"})

    assert target.asked[0].headers["content-type"] == "application/merge-patch+json"


def test_forms_files_and_plain_content_are_sent(api: Api, target: Target) -> None:
    api.post("/", data={"a": "1", "b": ["2", "3"]})
    api.post("/", files={"f": ("a.txt", b"text", "text/plain"), "n": (None, "1")})
    api.post("/", content="plain")

    form, multipart, plain = target.asked
    assert form.body == b"a=1&b=2&b=3"
    assert multipart.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="f"; filename="a.txt"' in multipart.body
    assert plain.body == b"plain"


def test_the_documented_media_types_are_asked_for_first(api: Api, target: Target) -> None:
    api.get("/pets")
    api.get("/plain")

    assert target.asked[0].headers["accept"] == (
        "application/json, text/csv, image/*, application/problem+json, */*;q=0.1"
    )
    assert target.asked[1].headers["accept"] == "*/*;q=0.1"


def test_redirects_are_not_followed_and_cookies_not_kept(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = Answer(302, headers={"Location": "/x", "Set-Cookie": "a=b"})

    assert api.get("/pets").status == 302
    api.get("/pets")
    assert "cookie" not in target.asked[1].headers


def test_the_environments_headers_are_sent_unless_the_request_says_otherwise(
    target: Target,
) -> None:
    environment = Environment(target.url, {"Authorization": "secret", "X-Tenant": "7"})
    api = Api(environment, Contract(DOCUMENT), "GET /plain")

    api.get("/")
    api.get("/", anonymous=True)
    api.get("/", withhold=["x-tenant"])
    api.get("/", headers={"authorization": "own"})
    api.close()

    sent = [
        (each.headers.get("authorization"), each.headers.get("x-tenant")) for each in target.asked
    ]
    assert sent == [("secret", "7"), (None, None), ("secret", None), ("own", "7")]


def test_cookies_come_beside_the_environments(target: Target) -> None:
    environment = Environment(target.url, {"Cookie": "session=abc; theme=light"})
    api = Api(environment, Contract(DOCUMENT), "GET /plain")

    api.get("/", cookies={"theme": "dark"})
    api.get("/", headers={"cookie": "session=x"}, cookies={"a": "b"})
    api.get("/", cookies={"theme": "dark"}, anonymous=True)
    api.get("/", cookies={"theme": "dark"}, withhold=["cookie"])
    api.close()

    assert [each.headers["cookie"] for each in target.asked] == [
        *("theme=dark; session=abc", "session=x; theme=light", "theme=dark", "theme=dark"),
    ]


def test_a_gateway_is_asked_instead_and_told_the_target(target: Target) -> None:
    with Exchange(target.url) as exchange:
        _ask_through(exchange.descriptor)

    first, second = target.asked
    assert first.target == "/v1/pets?a=1"
    assert first.headers["x-testops-target"] == "https://api.example"
    assert first.headers["host"] == "api.example"
    assert first.headers["x-testops-anonymous"] == "1"
    assert first.headers["x-testops-withhold"] == "X-A, X-B"
    assert (
        not {"x-testops-anonymous", "x-testops-withhold", "authorization"} & second.headers.keys()
    )


def _ask_through(descriptor: int) -> None:
    environment = Environment("https://api.example/v1", {"Authorization": "secret"}, descriptor)
    api = Api(environment, Contract(DOCUMENT), "GET /plain")

    api.get("/pets", query={"a": 1}, anonymous=True, withhold=["X-A", "X-B"])
    response = api.get("/pets")
    api.close()
    assert response.url == "https://api.example/v1/pets"


def test_a_gateway_that_reached_nobody_is_no_answer(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = Answer(502, headers={"X-Testops-Gateway-Error": "refused"})

    with pytest.raises(TargetError, match=r"GET http://.*/pets got no answer: refused"):
        api.get("/pets")


def test_a_target_that_is_away_is_an_error() -> None:
    api = Api(Environment("http://127.0.0.1:1"), Contract(DOCUMENT), "GET /plain")

    with pytest.raises(TargetError, match=r"GET http://127.0.0.1:1/pets got no answer: "):
        api.get("/pets")
    api.close()


def test_an_unknown_path_is_held_against_the_modules_operation(api: Api) -> None:
    assert api.get("/pets/7").operation.key == "GET /plain"
    assert api.get("/pets").operation.key == "GET /pets"


def test_no_operation_to_hold_against_is_an_error(target: Target) -> None:
    api = Api(Environment(target.url), Contract(DOCUMENT), "GET /other")

    with pytest.raises(ContractError):
        api.get("/pets/7")
    api.close()
    assert target.asked == []


def test_a_response_speaks_json_without_nan(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = Answer(200, b"[1]")
    assert api.get("/pets").json() == [1]

    target.answers["GET /pets"] = Answer(200, b"[NaN]")
    with pytest.raises(ValueError, match="NaN is no JSON"):
        api.get("/pets").json()


def test_a_response_says_in_a_line_what_came(api: Api, target: Target) -> None:
    assert str(api.get("/pets")) == f"GET {target.url}/pets answered 404 Not Found"


def test_a_status_nobody_named_stays_a_number() -> None:
    assert client.named(299) == "299"


def test_authorities_are_loaded_for_https_only(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[ssl.SSLContext] = []
    real = httpx.create_ssl_context

    def counting(*, trust_env: bool) -> ssl.SSLContext:
        loaded.append(real(trust_env=trust_env))
        return loaded[-1]

    monkeypatch.setattr(httpx, "create_ssl_context", counting)
    client._authorities.cache_clear()
    for url in ("http://a", "https://a"):
        Api(Environment(url), Contract(DOCUMENT), "GET /plain").close()
    with Exchange("http://127.0.0.1:1") as exchange:
        away = Environment("https://a", gateway=exchange.descriptor)
        Api(away, Contract(DOCUMENT), "GET /plain").close()
    client._authorities.cache_clear()

    assert len(loaded) == 1


def test_a_secret_is_used_by_its_name_and_a_missing_one_skips(target: Target) -> None:
    environment = Environment(target.url, secrets={"PASSWORD": "hush"})
    api = Api(environment, Contract(DOCUMENT), "GET /plain")

    assert api.secret("PASSWORD") == "hush"
    with pytest.raises(pytest.skip.Exception, match=r"Needs the secret OTHER\."):
        api.secret("OTHER")
    api.close()


KNOWN = {"alice": {"Authorization": "a"}, "bob": {"Authorization": "b"}}


def test_a_request_carries_the_headers_of_who_asks(target: Target) -> None:
    environment = Environment(target.url, {"X-Tenant": "7"}, identities=KNOWN)
    for name in ("", "bob"):
        api = Api(environment, Contract(DOCUMENT), "GET /plain", name)
        api.get("/")
        api.get("/", anonymous=True)
        api.close()

    sent = [(each.headers.get("authorization"), each.headers["x-tenant"]) for each in target.asked]
    assert sent == [("a", "7"), (None, "7"), ("b", "7"), (None, "7")]


def test_reserved_characters_are_sent_as_they_are_where_the_description_says_so(
    api: Api, target: Target
) -> None:
    """Down to the wire: neither the client nor its library encodes them."""
    api.get("/rows", query={"at": "/a:b?c=d", "of": "/a"})
    assert target.asked[-1].target == "/rows?at=/a:b?c=d&of=%2Fa"


def test_a_key_in_the_query_is_sent_and_not_told(target: Target) -> None:
    environment = Environment(target.url, identities={"alice": {"?key": "s3cret"}})
    api = Api(environment, Contract(DOCUMENT), "GET /plain")
    answers = [
        api.get("/", query={"a": 1}),
        api.get("/", query={"key": "own"}),
        api.get("/", anonymous=True),
    ]
    api.close()

    asked = [each.target for each in target.asked]
    assert asked == ["/?a=1&key=s3cret", "/?key=own", "/"]
    assert all("key" not in each.headers for each in target.asked)
    assert "s3cret" not in "".join(map(str, answers))


def test_a_gateway_is_told_who_asks(target: Target) -> None:
    with Exchange(target.url) as exchange:
        names: dict[str, dict[str, str]] = {"alice": {}, "bob": {}}
        environment = Environment(
            "https://api.example", gateway=exchange.descriptor, identities=names
        )
        for name in ("", "bob"):
            Api(environment, Contract(DOCUMENT), "GET /plain", name).get("/")

    told = [each.headers["x-testops-identity"] for each in target.asked]
    assert told == ["alice", "bob"]


def test_who_has_a_role_by_name_is_not_who_must_lack_it(target: Target) -> None:
    environment = Environment(target.url, identities={**KNOWN, "Administrator": {}})
    api = Api(environment, Contract(DOCUMENT), "GET /plain", "Administrator")
    plain = Api(environment, Contract(DOCUMENT), "GET /plain", "bob")

    plain.must_not_be("admin")
    with pytest.raises(pytest.skip.Exception, match="user who is no admin; one is named Admini"):
        api.must_not_be("admin")
    api.close()
    plain.close()
