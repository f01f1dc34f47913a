from __future__ import annotations

from dataclasses import replace

from app.ai import formatting, rendering
from app.ai.checks.check import Check
from app.ai.quoting import Expression
from app.ai.requests import Body, Request, Step
from testops.json_values import Json
from tests.factories.descriptions import operation

LONG = {"name": "a name that is long enough", "kind": "cat", "age": 3}


def check(request: Request, name: str = "documented success") -> Check:
    return Check(name, "It works.", "#/x", request, "success", (200,))


def module(*checks: Check, summary: str = "All pets") -> str:
    source = rendering.module(operation("POST", "/pets", summary=summary), "Pets", checks)
    return formatting.formatted({"m.py": source})["m.py"]


def test_a_module_reads_well() -> None:
    request = Request("POST", "/pets", query={"limit": 5}, body=Body("json", LONG))
    left_out = Request("POST", "/pets", body=Body("json", LONG), left_out="kind")

    assert (
        module(check(request), check(left_out, "missing body kind"))
        == '''\
"""POST /pets: All pets.

From Pets, #/paths/~1pets/post
"""

from testops import Api, expect, without

OPERATION = "POST /pets"
BODY = {"name": "a name that is long enough", "kind": "cat", "age": 3}


def test_documented_success(api: Api) -> None:
    """It works.

    Source: #/x
    """
    response = api.post("/pets", query={"limit": 5}, json=BODY)

    expect.documented(response)
    expect.success(response, 200)


def test_missing_body_kind(api: Api) -> None:
    """It works.

    Source: #/x
    """
    response = api.post("/pets", json=without(BODY, "kind"))

    expect.documented(response)
    expect.success(response, 200)
'''
    )


def test_a_short_body_stands_where_it_is_used() -> None:
    short = Body("json", {"a": 1, "b": 2})

    assert 'json={"b": 2}' in module(check(Request("POST", "/pets", body=short, left_out="a")))


def test_what_is_long_and_used_twice_gets_a_name() -> None:
    headers = {"X-Long-Name": "a value that is long enough, too"}
    request = Request("POST", "/pets", headers=headers)

    source = module(check(request), check(request, "again"))

    assert 'HEADERS = {"X-Long-Name"' in source
    assert source.count("headers=HEADERS") == 2


def test_two_long_bodies_of_a_kind_do_not_share_a_name() -> None:
    other = {**LONG, "age": 4}
    source = module(
        check(Request("POST", "/pets", body=Body("json", LONG))),
        check(Request("POST", "/pets", body=Body("json", other)), "again"),
    )

    assert source.count("BODY =") == 1
    assert '"age": 4' in source


def test_steps_come_before_the_request() -> None:
    steps = (
        Step("shop_id", "existing", "/shops", "/0/id"),
        Step("pet_id", "created", "/pets", "/id", Body("json", LONG, "application/a+json")),
        Step("toy_id", "created", "/日", "/id", Body("json", {**LONG, "x": 1})),
        Step("new_id", "created", "/news", "/id"),
    )
    path = {"petId": Expression("pet_id")}

    source = module(check(Request("GET", "/pets/{petId}", path=path, steps=steps)))

    assert "from testops import Api, Json, created, existing, expect\n" in source
    assert "NEW_PETS = {" in source
    assert "NEW_RESOURCE = {" in source
    assert "(api: Api, pet_id: Json, toy_id: Json, new_id: Json) -> None:" in source
    assert '    shop_id = existing(api, "/shops", "/0/id")\n    response = api.get(' in source
    assert "@pytest.fixture\ndef pet_id(api: Api) -> Json:\n" in source
    assert 'headers={"Content-Type": "application/a+json"}' in source
    assert 'return created(api, "/news", "/id")\n' in source
    assert 'path={"petId": pet_id}' in source


def test_media_type_joins_the_headers() -> None:
    request = Request(
        "PATCH", "/pets", headers={"X-A": "1"}, body=Body("json", 1, "application/a+json")
    )

    assert 'headers={"X-A": "1", "Content-Type": "application/a+json"}, json=1' in module(
        check(request)
    )


def test_a_method_without_a_function_of_its_own_is_named() -> None:
    assert 'api.request("TRACE", "/pets")' in module(check(Request("TRACE", "/pets")))


def test_the_headline_is_a_sentence_whatever_the_summary_is() -> None:
    request = Request("POST", "/pets")

    assert module(check(request), summary="Really?").startswith('"""POST /pets: Really?\n')
    assert module(check(request), summary="").startswith('"""POST /pets.\n')


def test_what_a_step_obtains_never_stands_at_the_top() -> None:
    steps = (Step("shop_id", "existing", "/shops", "/0/id"),)
    path = {"shopId": Expression("shop_id"), "petId": "a value that is long enough"}
    request = Request("GET", "/shops/{shopId}/pets/{petId}", path=path, steps=steps)

    source = module(check(request), check(request, "again"))

    assert "PATH" not in source
    assert source.count('"shopId": shop_id') == 2


def test_of_a_bad_request_it_is_asked_first_whether_it_was_refused() -> None:
    refused = replace(check(Request("POST", "/pets")), expectation="refused", statuses=())

    assert module(refused).endswith(
        "    expect.refused(response)\n    expect.documented(response)\n"
    )


def test_where_no_success_is_documented_only_the_documents_count() -> None:
    open_ended = replace(check(Request("POST", "/pets")), expectation="")

    assert module(open_ended).endswith('api.post("/pets")\n\n    expect.documented(response)\n')


def sending(changes: dict[str, Json], value: Json = None, *, left_out: str = "") -> str:
    """The last request of a module whose body differs."""
    given = Body("json", LONG if value is None else value)
    plain = Request("POST", "/pets", body=given)
    request = replace(plain, changes=changes, left_out=left_out)
    return module(check(plain), check(request, "changed")).rpartition("response = ")[2]


def test_what_differs_in_a_named_body_is_laid_over_it() -> None:
    assert 'json=BODY | {"kind": 1, "size": 2})' in sending({"/kind": 1, "/size": 2})


def test_what_differs_further_in_is_replaced() -> None:
    nested = {**LONG, "home": {"zip": "1"}}
    source = sending({"/home/zip": "2", "/age": 4}, nested)

    assert 'replaced(replaced(BODY, "/home/zip", "2"), "/age", 4)' in source


def test_what_differs_in_a_list_is_replaced() -> None:
    assert 'json=replaced(BODY, "/0", 4)' in sending({"/0": 4}, ["a" * 15 + "b" * 15, "c" * 19])


def test_a_body_without_a_name_stands_as_it_is_sent() -> None:
    assert 'json={"a": {"b": 2}}' in sending({"/a/b": 2}, {"a": {"b": 1}})


def test_a_body_can_lack_one_property_and_differ_in_another() -> None:
    assert 'json=without(BODY, "age") | {"kind": 1})' in sending({"/kind": 1}, left_out="age")


def test_functions_that_change_a_body_are_imported_where_they_are_used() -> None:
    given = Body("json", {**LONG, "home": {"zip": "1"}})
    plain = Request("POST", "/pets", body=given)

    changed = module(check(plain), check(replace(plain, changes={"/home/zip": 2}), "changed"))

    assert "from testops import Api, expect, replaced\n" in changed
    assert "replaced" not in module(check(plain), check(replace(plain, changes={"/a": 2}), "b"))


def test_a_request_that_has_to_succeed_comes_before() -> None:
    request = Request("POST", "/pets", query={"size": 2})
    own = replace(check(request), before=Request("POST", "/pets"), before_needs="a pet")

    assert (
        '    expect.success(api.post("/pets"), 200, needs="a pet")\n'
        '    response = api.post("/pets", query={"size": 2})\n\n'
    ) in module(own)


def test_an_answer_of_the_server_itself_is_not_held_against_the_operation() -> None:
    request = Request("HEAD", "/pets")
    own = replace(
        check(request), expectation="like_get", statuses=(), beside=request, is_of_server=True
    )

    assert module(own).endswith(
        '    response = api.request("HEAD", "/pets")\n\n'
        '    expect.like_get(response, api.request("HEAD", "/pets"))\n'
    )
