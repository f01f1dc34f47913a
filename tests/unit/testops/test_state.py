from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest

from testops import Api, Pages, Response, state
from testops.json_values import Json
from tests.fakes.target import Answer, Target
from tests.unit.testops.test_lists import shelf

Answered = Callable[..., Response]
PAGES = Pages("limit", 50, offset="offset")
PETS = [{"id": number, "name": f"pet {number}"} for number in range(9)]


def test_what_was_sent_is_held(answered: Answered) -> None:
    state.holds(answered(200, b'{"id": 1, "name": "Rex"}'), {"name": "Rex"})
    state.holds(answered(200, b'{"data": {"name": "Rex"}}'), {"name": "Rex"}, at="/data")


def test_what_was_not_kept_is_told(answered: Answered) -> None:
    with pytest.raises(AssertionError) as failure:
        state.holds(answered(200, b'{"name": "Max"}'), {"name": "Rex", "age": 3})

    assert str(failure.value).splitlines()[:3] == [
        f"{answered(200)}: expected what was sent before.",
        "at /name: expected 'Rex', got 'Max'",
        "at /age: expected 3, but it is not there",
    ]


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_where_nothing_can_be_read_nothing_is_held(answered: Answered, body: bytes) -> None:
    with pytest.raises(AssertionError, match="expected a JSON body with /data"):
        state.holds(answered(200, body), {"name": "Rex"}, at="/data")


def test_who_may_not_read_decides_nothing(answered: Answered) -> None:
    with pytest.raises(pytest.skip.Exception, match="Needs credentials"):
        state.holds(answered(401), {})


def test_a_value_that_should_be_gone_is_told(answered: Answered) -> None:
    state.lacks(answered(200, b'{"name": "Max"}'), {"name": "Rex", "age": 3})
    state.lacks(answered(200, b"[]"), {"name": "Rex"})
    with pytest.raises(AssertionError, match="at /name: 'Rex'"):
        state.lacks(answered(200, b'{"name": "Rex"}'), {"name": "Rex", "age": 3})


@pytest.mark.parametrize("status", [400, 403, 409, 422])
def test_what_is_refused_is_not_taken(answered: Answered, status: int) -> None:
    state.not_taken(answered(status), {"name": "Rex"})


def test_what_is_passed_over_is_not_taken(answered: Answered) -> None:
    state.not_taken(answered(201, b'{"name": "Max"}'), {"name": "Rex"})
    with pytest.raises(AssertionError, match="expected other values than these"):
        state.not_taken(answered(201, b'{"name": "Rex"}'), {"name": "Rex"})


def test_what_was_there_before_was_not_obtained(answered: Answered) -> None:
    before = answered(200, b'{"role": "admin", "verified": false}')
    after = answered(200, b'{"role": "admin", "verified": true}')

    state.not_obtained(after, before, {"role": "admin"})
    state.not_obtained(before, before, {"verified": True})
    state.not_obtained(answered(403), before, {"verified": True})
    with pytest.raises(AssertionError, match="at /verified: True"):
        state.not_obtained(after, before, {"role": "admin", "verified": True})


def test_two_answers_are_the_same_but_for_some_properties(answered: Answered) -> None:
    before = answered(200, b'{"name": "Rex", "seen": 1}')

    state.unchanged(answered(200, b'{"name": "Rex", "seen": 2}'), before, "seen")
    with pytest.raises(AssertionError, match="at /seen: expected 1, got 2"):
        state.unchanged(answered(200, b'{"name": "Rex", "seen": 2}'), before)
    with pytest.raises(AssertionError, match="at /new: expected 1"):
        state.unchanged(answered(200, b'{"name": "Rex", "seen": 1, "new": 1}'), before)
    with pytest.raises(AssertionError, match="expected the same as before"):
        state.unchanged(answered(200, b"[1]"), answered(200, b"[2]"))


def located(answered: Answered, api: Api, location: str) -> Response:
    response = answered(201, operation="POST /pets", Location=location)
    return state.located(api, response, "/pets/{petId}")


@pytest.mark.parametrize("location", ["/pets/7", "pets/7", "{base}/pets/7"])
def test_location_is_followed(answered: Answered, api: Api, target: Target, location: str) -> None:
    target.answers["GET /pets/7"] = Answer(200, b"7")

    assert located(answered, api, location.format(base=target.url)).json() == 7


def test_location_may_have_a_query(answered: Answered, api: Api, target: Target) -> None:
    located(answered, api, "/pets/7?full=1")
    located(answered, api, "/cats/7")

    assert [asked.target for asked in target.asked[1::2]] == ["/pets/7?full=1", "/cats/7"]


def test_a_location_elsewhere_is_not_followed(answered: Answered, api: Api) -> None:
    with pytest.raises(pytest.skip.Exception, match="Needs an address below http://127"):
        located(answered, api, "http://example.com/pets/7")


def test_where_there_is_no_location_nothing_is_followed(answered: Answered, api: Api) -> None:
    with pytest.raises(pytest.skip.Exception, match="Needs a Location: POST"):
        state.located(api, answered(201, operation="POST /pets"), "/pets/{petId}")


def test_an_address_in_an_answer_is_followed(answered: Answered, api: Api, target: Target) -> None:
    target.answers["GET /pets/7"] = Answer(200, b"7")

    assert state.led_to(api, answered(200, b'{"self": "/pets/7"}'), "/self").json() == 7
    state.led_to(api, answered(200, b'{"self": "/pets?page=2"}'), "/self")
    assert target.asked[-1].target == "/pets?page=2"
    state.led_to(api, answered(200, b'{"self": "/pets/{7}"}'), "/self")
    assert target.asked[-1].target == "/pets/%7B7%7D"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"self": null}', b'{"self": ""}'])
def test_where_no_address_stands_nothing_is_followed(
    answered: Answered, api: Api, body: bytes
) -> None:
    with pytest.raises(pytest.skip.Exception, match="Needs an address at /self"):
        state.led_to(api, answered(200, body), "/self")


def test_items_are_held_against_values() -> None:
    state.each_holds([{"kind": "cat"}, {"kind": ["dog", "cat"]}, {}], {"kind": "cat"})
    state.some_holds(PETS, {"id": 3})
    state.none_holds(PETS, {"id": 99})
    with pytest.raises(AssertionError, match=re.escape("item 1 is {'kind': 'dog'}")):
        state.each_holds([{"kind": "cat"}, {"kind": "dog"}], {"kind": "cat"})
    with pytest.raises(AssertionError, match=re.escape("Expected an item with {'id': 99} among 9")):
        state.some_holds(PETS, {"id": 99})
    with pytest.raises(AssertionError, match=re.escape("Expected no item with {'id': 3}")):
        state.none_holds(PETS, {"id": 3})
    with pytest.raises(AssertionError, match="item 0 is 7"):
        state.each_holds([7], {"kind": "cat"})


def items(*values: Json) -> list[Json]:
    return [{"name": value} for value in values]


@pytest.mark.parametrize(
    "values",
    [
        ("a", "B", "c"),
        (1, 2.5, 2.5, 10),
        ("2024-01-02", "2024-02-01"),
        ("Bike repair", "Bikes", "Car"),
        ("a", None, "b"),
        ("Ab", "Ac", "ad"),
        ("pet 10", "pet 9", "q"),
        (True, 1, 2),
    ],
)
def test_an_order_is_found(values: tuple[Json, ...]) -> None:
    state.ordered(items(*values), "/name")
    state.ordered(items(*reversed(values)), "/name", descending=True)
    with pytest.raises(AssertionError, match="Expected /name in ascending order"):
        state.ordered(items(*reversed(values)), "/name")
    with pytest.raises(AssertionError, match="Expected /name in descending order"):
        state.ordered(items(*values), "/name", descending=True)


@pytest.mark.parametrize(
    "values", [(), ("a",), ("a", "a"), ("é", "e"), (1, "a"), ("10", "9"), ("Z", "a")]
)
def test_what_shows_no_order_decides_nothing(values: tuple[Json, ...]) -> None:
    with pytest.raises(pytest.skip.Exception, match="Needs items that differ in /name"):
        state.ordered(items(*values), "/name")


def test_items_without_the_value_do_not_count() -> None:
    state.ordered([{"name": "a"}, {}, {"name": "b"}], "/name")


def test_pages_that_hold_everything_are_complete(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = shelf(list(PETS))

    state.complete(api, "/pets", "/items", PAGES, by="/id")


def test_too_few_items_do_not_show_whether_pages_are_complete(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = shelf(list(PETS[:2]))

    with pytest.raises(pytest.skip.Exception, match="Needs at least 3 items at /pets"):
        state.complete(api, "/pets", "/items", PAGES)


def broken_shelf(change: Callable[[int, int], tuple[int, int]]) -> Callable[[str], Answer]:
    """Answers another page than was asked for."""

    def answer(asked: str) -> Answer:
        parts = dict(pair.split("=") for pair in asked.partition("?")[2].split("&"))
        start, size = change(int(parts.get("offset", 0)), int(parts["limit"]))
        return shelf(list(PETS))(f"/pets?offset={start}&limit={size}")

    return answer


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda start, size: (start + bool(start), size), "2 is on no page"),
        (lambda start, size: (start - bool(start), size), "1 is on two pages"),
        (lambda start, size: (start, max(size, 4)), "a page of 2 holds 4 items"),
    ],
)
def test_pages_that_are_not_complete_are_told(
    api: Api, target: Target, change: Callable[[int, int], tuple[int, int]], message: str
) -> None:
    target.answers["GET /pets"] = broken_shelf(change)

    with pytest.raises(AssertionError, match=message):
        state.complete(api, "/pets", "/items", PAGES, by="/id")


def test_a_list_that_changes_meanwhile_does_not_show_it(api: Api, target: Target) -> None:
    starts = iter(range(0, 9, 2))
    target.answers["GET /pets"] = lambda _: Answer(
        200, json.dumps({"items": PETS[(start := next(starts)) : start + 3]}).encode()
    )

    with pytest.raises(pytest.skip.Exception, match="Needs a list at /pets that nobody else"):
        state.complete(api, "/pets", "/items", PAGES)


def totals(*values: Json) -> Callable[[str], Answer]:
    told: Iterator[Json] = iter(values)
    return lambda _: Answer(200, json.dumps({"total": next(told)}).encode())


def test_the_total_does_not_depend_on_the_page(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = totals(9, 9, 9)
    state.counted(api, "/pets", "/total", PAGES)
    target.answers["GET /pets"] = Answer(200, headers={"X-Total": "9"})
    state.counted(api, "/pets", "X-Total", PAGES)
    target.answers["GET /pets"] = totals(1, 6, 1)
    with pytest.raises(AssertionError, match="1 for a page of 1, 6 for a page of 6"):
        state.counted(api, "/pets", "/total", PAGES)
    target.answers["GET /pets"] = totals(9, 10, 10)
    with pytest.raises(pytest.skip.Exception, match="that nobody else changes"):
        state.counted(api, "/pets", "/total", PAGES)
