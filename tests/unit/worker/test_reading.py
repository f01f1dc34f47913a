"""What a check's text says that it cannot pass without."""

from __future__ import annotations

import textwrap

import pytest

from worker import promise, reading
from worker.claims import Group
from worker.promise import BrokenModuleError

IMPORTS = """
from http import HTTPStatus
import pytest
import testops
from testops import Api, created, existing, expect, generated, listed, located, state
from testops.inputs import existing as found
from testops.expect import success as must_succeed

"""
ANY = range(100, 600)


def groups(script: str, check: str = "test_a") -> tuple[Group, ...]:
    return promise.read(IMPORTS + textwrap.dedent(script)).claims_of(check)


def told(script: str, check: str = "test_a") -> list[str]:
    """The claims of all groups, as "METHOD path statuses"."""
    return [
        f"{claim.method or '*'} {claim.path} {statuses(claim.statuses)}".rstrip()
        for group in groups(script, check)
        for claim in group.claims
    ]


def statuses(known: object) -> str:
    assert isinstance(known, frozenset)
    if known == frozenset(ANY):
        return ""
    return f"{min(known)}-{max(known)}" if len(known) > 2 else ",".join(map(str, sorted(known)))


def body(*lines: str) -> str:
    return "def test_a(api: Api) -> None:\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("line", "claims"),
    [
        ("api.get('/pets')", ["GET /pets"]),
        ("api.delete(path_template='/pets/{id}', path={'id': 7})", ["DELETE /pets/[^/]*"]),
        ("api.request('head', '/pets')", ["HEAD /pets"]),
        ("api.request(method(), '/pets')", ["* /pets"]),
        ("api.get('/pets?x={y}#second')", ["GET /pets"]),
        ("api.get('/a b/ü')", ["GET /a%20b/%C3%BC"]),
        ("api.get('/a/../b')", ["GET .*"]),
        ("api.get('/\\ud800')", ["GET .*"]),
        ("api.get(f'/pets/{7}/toys')", ["GET /pets/.*"]),
        ("api.get(f'{7}/toys')", ["GET .*"]),
        ("api.get(address())", ["GET .*"]),
        ("path = '/pets'; api.get(path)", ["GET /pets"]),
        ("api.close()", []),
        ("another.get('/pets')", []),
        ("existing(api, '/pets', '/0/id')", ["GET /pets 200-299"]),
        ("found(api, '/pets', '/0/id')", ["GET /pets 200-299"]),
        ("testops.created(api, '/pets', '/id')", ["POST /pets 200-299"]),
        ("existing(another, '/pets', '/0/id')", []),
        ("existing()", []),
        ("listed(api, '/pets', '/items')", ["GET /pets 200-299"]),
        ("state.complete(api, '/pets', '')", ["GET /pets 200-299"]),
        ("state.counted(api, '/pets', '')", ["GET /pets 200-299"]),
        ("generated(api, 'PUT', '/a/{b}', examples=9, seed=0)", ["PUT /a/[^/]*"]),
        ("generated(another, 'PUT', '/a')", []),
        (
            "for r in generated(api, 'GET', '/a'): expect.success(r, 200); continue; f",
            ["GET /a 200"],
        ),
        ("for r in listed(api, '/a', ''): expect.success(r, 201)", ["GET /a 200-299"]),
        ("state.holds(api.get('/a'), {})", ["GET /a 200-299"]),
        ("state.lacks(api.get('/a'), {})", ["GET /a 200-299"]),
        ("state.not_taken(api.get('/a'), {})", ["GET /a 200-499"]),
        ("state.not_obtained(api.get('/a'), api.get('/a'), {})", ["GET /a 200-499", "GET /a"]),
        ("expect.success(located(api, api.post('/a'), '/a/{b}'), 200)", ["POST /a", "GET .* 200"]),
        ("api.get('/p/{i}', path=existing(api, '/p', ''))", ["GET /p 200-299", "GET /p/[^/]*"]),
        ("x: int; api.get('/a')", ["GET /a"]),
        ("assert api.get('/a').json()['b'] == [api.get('/b'), 1]", ["GET /a", "GET /b"]),
        ("expect.success(api.get('/a'), 200)", ["GET /a 200"]),
        ("expect.success(api.get('/a'), 200, HTTPStatus.CREATED)", ["GET /a 200,201"]),
        ("expect.success(api.get('/a'))", ["GET /a 200-299"]),
        ("expect.success(api.get('/a'), OTHER)", ["GET /a"]),
        ("must_succeed(api.get('/a'), 204)", ["GET /a 204"]),
        ("testops.expect.refused(api.get('/a'))", ["GET /a 400-499"]),
        ("expect.not_found(api.get('/a'))", ["GET /a 404,410"]),
        ("expect.denied(api.get('/a'), 401, 403)", ["GET /a 401,403"]),
        ("expect.not_allowed(api.put('/a'))", ["PUT /a 404-501"]),
        ("expect.documented(api.get('/a'))", ["GET /a 100-499"]),
        ("r = api.get('/a'); expect.documented(r); expect.refused(r)", ["GET /a 400-499"]),
        ("r: object = api.get('/a'); assert r.status == 200", ["GET /a 200"]),
        ("assert 404 == (r := api.get('/a')).status and r.json()", ["GET /a 404"]),
        ("assert api.get('/a').status in (200, HTTPStatus.ACCEPTED)", ["GET /a 200,202"]),
        ("assert api.get('/a').status in known", ["GET /a"]),
        ("assert api.get('/a').status == HTTPStatus.NO_SUCH", ["GET /a"]),
        ("assert api.get('/a').status in (200, OTHER)", ["GET /a"]),
        ("assert api.get('/a').status < 300", ["GET /a"]),
        ("assert api.get('/a').status == 200 or api.get('/b')", ["GET /a"]),
        ("assert api.get('/a') < 2 < api.get('/b')", ["GET /a"]),
        ("x = y and api.get('/a')", []),
        ("x = api.get('/a') if y else api.get('/b')", []),
        ("x = lambda: api.get('/a')", []),
        ("x = [api.get('/a') for _ in y]", []),
        ("x, y = api.get('/a'), 1; expect.success(x)", ["GET /a"]),
        ("x = 1; x += api.get('/a').status", ["GET /a"]),
        ("api = other; api.get('/a')", []),
        ("raise ValueError(api.get('/a'))", []),
    ],
)
def test_a_line_claims_what_it_always_asks(line: str, claims: list[str]) -> None:
    assert told(body(line)) == claims


@pytest.mark.parametrize(
    ("lines", "claims"),
    [
        (["if x: api.get('/a')", "api.get('/b')"], ["GET /b"]),
        (["if api.get('/a'): pass"], ["GET /a"]),
        (["if x: return", "api.get('/b')"], []),
        (["if x: pytest.skip('no')", "api.get('/b')"], ["GET /b"]),
        (["while api.get('/a'): break", "api.get('/b')"], ["GET /a", "GET /b"]),
        (["for p in ('/a', '/b'):", "    api.get(p)", "api.get('/c')"], ["GET .*", "GET /c"]),
        (["for p in ['/a']:", "    if p: continue", "    api.get(p)"], []),
        (["for p in ['/a']:", "    if p: return", "api.get('/c')"], []),
        (["for p in many:", "    api.get(p)"], []),
        (["for p in api.get('/a').json(): pass"], ["GET /a"]),
        (["with pytest.raises(ValueError):", "    api.get('/a')", "api.get('/b')"], ["GET /b"]),
        (["with suppress(OSError): api.get('/a')"], []),
        (["with open('x') as api:", "    api.get('/a')"], []),
        (["with lock:", "    r = api.get('/a')", "expect.success(r)"], ["GET /a"]),
        (["with lock:", "    expect.success(api.get('/a'), 200)"], ["GET /a 200"]),
        (["try:", "    api.get('/a')", "except OSError:", "    pass"], []),
        (["try:", "    api.get('/a')", "finally:", "    api.get('/b')"], ["GET /a", "GET /b"]),
        (["match api.get('/a').status:", "    case 200: api.get('/b')"], ["GET /a"]),
        (["r = api.get('/a')", "if x: r = None", "expect.success(r)"], ["GET /a"]),
        (["def inner(): return 1", "inner()", "api.get('/a')"], ["GET /a"]),
        (["from testops import expect as e", "e.success(api.get('/a'), 200)"], ["GET /a 200"]),
        (["class Inner:", "    def f(self): return 1", "api.get('/a')"], ["GET /a"]),
    ],
)
def test_only_what_always_runs_is_claimed(lines: list[str], claims: list[str]) -> None:
    assert told(body(*lines)) == claims


def test_helpers_are_followed_where_they_are_called() -> None:
    script = """
        LIST = "/pets"
        PATH = LIST

        def add(client, path=PATH, *, name="Rex"):
            response = client.post(PATH, json={"name": name})
            if name:
                return response
            return None

        def get(client):
            return client.get("/pets/{id}")

        def generated(client):
            yield client.get("/never")

        def endless(client):
            return endless(client)

        def test_a(api):
            add(client=api)
            expect.success(get(api), 200)
            generated(api)
            endless(api)
        """
    assert told(script) == ["POST /pets", "GET /pets/[^/]* 200"]


def test_a_name_that_is_bound_twice_is_not_followed() -> None:
    script = """
        PATH = "/a"
        PATH = "/b"
        def ask(client): return client.get("/c")
        ask = cached(ask)
        expect = expect
        def test_a(api):
            ask(api)
            expect.success(api.get(PATH), 200)
        """
    assert told(script) == ["GET .* 200"]


def test_fixtures_are_followed_where_they_are_asked_for() -> None:
    """Each once, in the order of their names; one of a wider scope may have run before."""
    script = """
        @pytest.fixture
        def pet(api, shelter):
            response = api.post("/pets")
            yield response
            api.delete("/pets/{id}")

        @pytest.fixture(scope="module", name="shelter")
        def make_shelter(api):
            return api.post("/shelters")

        @pytest.fixture
        def unused(api):
            api.get("/never")

        def test_a(api, *, pet, shelter, missing):
            expect.success(pet, 201)
            api.get("/pets")
        """
    shared, own, mine = groups(script)
    assert [group.is_shared for group in (shared, own, mine)] == [True, False, False]
    assert told(script) == ["POST /shelters", "POST /pets 201", "GET /pets"]


def test_a_fixture_that_cleans_up_is_followed_until_it_yields() -> None:
    script = """
        @pytest.fixture
        def pet(api):
            response = api.post("/pets")
            try:
                yield response
            finally:
                api.delete("/pets/{id}")

        def test_a(pet): pass
        """
    assert told(script) == ["POST /pets"]


@pytest.mark.parametrize(
    ("fixture", "claims"),
    [
        ("def api(api):\n    return api", ["GET /a"]),
        ("def api(api):\n    api.post('/login')\n    return api", ["POST /login", "GET /a"]),
        ("def api(api):\n    return Wrapped(api)", ["* .*"]),
        ("def api():\n    return Fake()", ["* .*"]),
        ("def api(pet):\n    return pet\n@pytest.fixture\ndef pet(api): return api", ["* .*"]),
    ],
)
def test_a_client_of_the_modules_own_asks_at_least_something(
    fixture: str, claims: list[str]
) -> None:
    assert told(f"@pytest.fixture\n{fixture}\ndef test_a(api): api.get('/a')") == claims


def test_what_a_check_is_parametrised_with_is_not_known() -> None:
    script = """
        @pytest.mark.parametrize("path, api", [("/a", 1)])
        def test_a(api, path): api.get(path)

        @pytest.mark.parametrize(["path"], [("/a",)])
        @retried
        def test_b(api, path): api.get(path)
        """
    assert told(script) == []
    assert told(script, "test_b[/a]") == ["GET .*"]


def test_checks_in_classes_claim_and_asynchronous_ones_do_not() -> None:
    script = """
        class TestPets:
            def test_a(self, api): api.get("/pets")
        async def test_b(api): await api.get("/pets")
        """
    assert told(script, "TestPets::test_a") == ["GET /pets"]
    assert told(script, "test_b") == []


def test_text_that_is_nested_without_end_is_not_read() -> None:
    with pytest.raises(BrokenModuleError, match=r"nested too deeply|cannot be parsed"):
        promise.read("def test_a(api): " + "+".join(["x"] * 5000))
    with pytest.raises(BrokenModuleError, match=r"nested too deeply|cannot be parsed"):
        promise.read("def test_a(api): x" + ".x" * 2500)


def test_text_that_never_comes_to_an_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MAX_STEPS", 1000)
    twice = [f"def f{n}(a):\n    f{n + 1}(a)\n    f{n + 1}(a)\n    f{n + 1}(a)\n" for n in range(9)]
    script = "".join(twice) + "def f9(a): pass\ndef test_a(api): f0(api)\n"
    with pytest.raises(BrokenModuleError, match="takes too long to read"):
        promise.read(script)


def test_a_second_user_asks_too() -> None:
    script = """
        def test_a(api, other):
            found = created(api, "/pets", "/id")
            other.must_not_be("admin")
            expect.denied(other.get("/pets/{id}", path={"id": found}), 403, 404)
        """
    assert told(script) == ["POST /pets 200-299", "GET /pets/[^/]* 403,404"]


def test_a_fixture_of_the_modules_own_that_is_named_other_is_no_client() -> None:
    script = """
        @pytest.fixture
        def other():
            return {}

        def test_a(api, other):
            other.get("/pets")
        """
    assert told(script) == []


@pytest.mark.parametrize(
    ("lines", "held"),
    [
        (["api.get('/pets')"], set()),
        (["assert api.get('/pets').status == 200"], {"assert"}),
        (["assert api.get('/pets').json()"], set()),
        (
            ["found = api.get('/pets')", "expect.documented(found)", "state.holds(found, {})"],
            {"expect.documented", "state.holds"},
        ),
        (["existing(api, '/pets', '/0/id')"], {"existing"}),
        (
            ["items = listed(api, '/pets', '')", "state.none_holds(items, {})"],
            {"listed", "state.none_holds"},
        ),
    ],
)
def test_a_claim_says_which_expectations_an_answer_is_held_against(
    lines: list[str], held: set[str]
) -> None:
    ((claim,),) = (group.claims for group in groups(body(*lines)))

    assert claim.held == held
