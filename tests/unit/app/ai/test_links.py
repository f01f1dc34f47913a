from __future__ import annotations

from dataclasses import replace

import pytest

from app.ai import links, offline, requests
from app.ai.inputs import Inputs
from app.ai.material import Material, OperationMaterial
from app.ai.requests import Obtained, Step
from app.openapi.model import Operation, Parameter, Schema
from testops.json_values import Json
from tests.factories.descriptions import (
    ANYTHING,
    PET,
    body,
    content,
    describe,
    operation,
    parameter,
    pet_shop,
    response,
)

ITEM: Schema = {"properties": {"id": {"type": "integer"}, "slug": {"type": "string"}}}


def _listing(schema: Schema, *parameters: Parameter) -> Operation:
    return operation("GET", "/pets", *parameters, responses=(response("200", content(schema)),))


def _existing(collection: Operation, name: str = "petId", schema: Schema = ANYTHING) -> Step | None:
    own = operation("GET", f"/pets/{{{name}}}", parameter(name, "path", schema))
    material = OperationMaterial(Material(describe(collection, own), 0), own)
    return links.existing(material, own.parameters[0])


@pytest.mark.parametrize(
    ("schema", "name", "pointer"),
    [
        ({"type": "array", "items": ITEM}, "petId", "/0/id"),
        ({"items": ITEM}, "slug", "/0/slug"),
        ({"properties": {"pets": {"items": ITEM}, "total": {}}}, "pet_id", "/pets/0/id"),
        ({"allOf": [{"properties": {"pets": {"items": ITEM}}}]}, "id", "/pets/0/id"),
    ],
)
def test_an_id_is_found_in_what_the_collection_lists(
    schema: Schema, name: str, pointer: str
) -> None:
    step = _existing(_listing(schema), name)

    assert step is not None
    assert (step.function, step.path, step.pointer) == ("existing", "/pets", pointer)


@pytest.mark.parametrize(
    "collection",
    [
        _listing({"type": "object"}),
        _listing({"properties": {"a": {"items": ITEM}, "b": {"items": ITEM}}}),
        _listing({"items": {"properties": {"name": {}}}}),
        _listing({"items": ITEM}, parameter("shop")),
        operation("GET", "/pets"),
        operation("GET", "/pets", responses=(response("404", content({"items": ITEM})),)),
        operation(
            "GET", "/pets", responses=(response("200", content({"items": ITEM}, "text/csv")),)
        ),
        operation("GET", "/others", responses=(response("200", content({"items": ITEM})),)),
    ],
)
def test_a_link_that_is_not_obvious_is_not_taken(collection: Operation) -> None:
    assert _existing(collection) is None


def test_a_name_that_identifies_nothing_takes_no_id() -> None:
    assert _existing(_listing({"items": ITEM}), "colour") is None


def test_an_id_of_another_type_is_not_taken() -> None:
    assert _existing(_listing({"items": ITEM}), schema={"type": "string"}) is None


def test_a_collection_below_a_placeholder_is_not_obvious() -> None:
    own = operation("GET", "/shops/{shop}/pets/{petId}", parameter("petId", "path"))
    material = OperationMaterial(Material(describe(own), 0), own)

    assert links.existing(material, own.parameters[0]) is None


def test_a_resource_is_created_with_a_body_of_its_own() -> None:
    shop = pet_shop()
    reading, deleting = shop.operations[2:]
    steps = [
        links.created(OperationMaterial(Material(shop, 0), own), own.parameters[0])
        for own in (reading, deleting)
    ]

    assert all(
        isinstance(step, Step)
        and (step.variable, step.function, step.path, step.pointer)
        == ("pet_id", "created", "/pets", "/id")
        for step in steps
    )
    assert steps[0] != steps[1]


@pytest.mark.parametrize(
    "creation",
    [
        operation("POST", "/others"),
        operation("POST", "/pets", body=body(content(PET))),
        operation("POST", "/pets", parameter("q"), responses=(response("201", content(ITEM)),)),
        operation(
            "POST",
            "/pets",
            body=body(content(schema=False)),
            responses=(response("201", content(ITEM)),),
        ),
    ],
)
def test_a_creation_that_is_not_obvious_is_not_taken(creation: Operation) -> None:
    own = operation("DELETE", "/pets/{petId}", parameter("petId", "path"))
    material = OperationMaterial(Material(describe(creation, own), 0), own)

    assert links.created(material, own.parameters[0]) is None


def test_an_id_that_is_a_part_of_a_segment_is_not_obvious() -> None:
    own = operation("DELETE", "/pets/no-{petId}", parameter("petId", "path"))
    material = OperationMaterial(Material(describe(own), 0), own)

    assert links.created(material, own.parameters[0]) is None


def test_two_things_of_one_name_in_each_other_are_not_created() -> None:
    outer, inner = (parameter(name, "path", {"type": "integer"}) for name in ("folder_id", "id"))
    answer = (response("201", content({"properties": {"id": {"type": "integer"}}})),)
    own = operation("DELETE", "/folders/{folder_id}/folders/{id}", outer, inner)
    top = operation("POST", "/folders", responses=answer)
    below = operation("POST", "/folders/{folder_id}/folders", outer, responses=answer)
    material = OperationMaterial(Material(describe(own, top, below), 0), own)

    assert links.created(material, outer) is not None
    assert links.created(material, inner) is None


def test_a_creation_may_need_no_body() -> None:
    creation = operation("POST", "/pets", responses=(response("201", content(ITEM)),))
    own = operation("DELETE", "/pets/{petId}", parameter("petId", "path"))
    material = OperationMaterial(Material(describe(creation, own), 0), own)

    step = links.created(material, own.parameters[0])

    assert step is not None
    assert (step.body, step.noun, step.deletion) == (None, "pet", "/pets/{petId}")
    assert step.deletion_values == {"petId": "pet_id"}


ROOM_ID: Schema = {"type": "string", "format": "uuid"}
ROOM: Schema = {"type": "object", "properties": {"id": ROOM_ID}}


def _rooms(name: str = "roomId") -> list[Operation]:
    """What creates and reads rooms."""
    answer = content(ROOM)
    place = parameter(name, "path", {"type": "string"})
    sent = body(content({"type": "object"}, examples=({"size": 1},)))
    return [
        operation("POST", "/rooms", body=sent, responses=(response("201", answer),)),
        operation(
            *("GET", f"/rooms/{{{name}}}", parameter("fields", required=False), place),
            responses=(response("200", answer),),
        ),
    ]


def _booking(name: str = "room_id", **more: Json) -> Operation:
    """What creates a booking of a room."""
    schema = {
        "type": "object",
        "required": [name, "nights"],
        "properties": {
            name: {"type": "string", "format": "uuid", **more},
            "nights": {"type": "integer", "minimum": 2},
        },
    }
    answer = content({"type": "object", "properties": {"id": {"type": "integer"}}})
    return operation(
        "POST", "/bookings", body=body(content(schema)), responses=(response("201", answer),)
    )


def _connected(own: Operation, *others: Operation) -> Inputs:
    material = OperationMaterial(Material(describe(own, *others), 0), own)
    return links.connected(material)


@pytest.mark.parametrize(
    ("name", "placeholder"), [("room_id", "roomId"), ("roomId", "id"), ("RoomID", "room_id")]
)
def test_what_a_body_refers_to_is_created_first(name: str, placeholder: str) -> None:
    found = _connected(_booking(name), *_rooms(placeholder))

    assert found.request.body is not None
    obtained = found.request.body.value[name]
    assert isinstance(obtained, Obtained)
    assert (obtained.step.path, obtained.step.pointer) == ("/rooms", "/id")
    assert found.needs() == "values the API takes for nights"


@pytest.mark.parametrize(
    ("own", "others"),
    [
        (_booking(), []),
        (_booking("room"), _rooms()),
        (_booking(enum=["a"]), _rooms()),
        (_booking(type="integer", format="int32"), _rooms()),
        (_booking(), _rooms()[1:]),
        (
            _booking(),
            [
                *_rooms(),
                *(
                    replace(each, path=each.path.replace("/rooms", "/old/rooms"))
                    for each in _rooms()
                ),
            ],
        ),
        (replace(_booking(), path="/rooms"), _rooms()[1:]),
        (operation("POST", "/bookings", body=body(content({"type": "string"}))), _rooms()),
        (operation("POST", "/bookings"), _rooms()),
    ],
    ids=[
        *("nothing there", "no id", "a choice", "another type", "nothing creates", "two of a name"),
        *("itself", "no object", "no body"),
    ],
)
def test_what_a_body_refers_to_stays_where_it_is_not_obvious(
    own: Operation, others: list[Operation]
) -> None:
    found = _connected(own, *others)

    value = found.request.body.value if found.request.body else None
    assert not requests.obtained_in(value)


def test_references_that_lead_back_end_somewhere() -> None:
    """A room has a guest, who has a room."""
    people = {"type": "object", "required": ["room_id"], "properties": {"room_id": ROOM_ID}}
    rooms = {"type": "object", "required": ["person_id"], "properties": {"person_id": ROOM_ID}}
    answer = content(ROOM)
    every = [
        operation(
            "POST", f"/{many}", body=body(content(schema)), responses=(response("201", answer),)
        )
        for many, schema in (("people", people), ("rooms", rooms))
    ]
    reading = [
        operation(
            "GET",
            f"/{many}/{{{one}}}",
            parameter(one, "path"),
            responses=(response("200", answer),),
        )
        for many, one in (("people", "person_id"), ("rooms", "room_id"))
    ]
    found = _connected(every[0], every[1], *reading)

    assert found.request.body is not None
    [obtained] = requests.obtained_in(found.request.body.value).values()
    assert [each.variable for each in obtained.step.chain()] == ["room_id"]


def test_a_resource_that_refers_to_another_rests_on_it() -> None:
    one = parameter("bookingId", "path", {"type": "integer"})
    answer = content({"type": "object", "properties": {"id": {"type": "integer"}}})
    reading = operation("GET", "/bookings/{bookingId}", one, responses=(response("200", answer),))
    own = operation("DELETE", "/bookings/{bookingId}", one)
    everything = describe(own, reading, _booking(), *_rooms())
    script = " ".join(offline.write_case(everything, own).script.split())

    assert "def booking_id(api: Api, room_id: Json) -> Iterator[Json]:" in script
    assert (
        'NEW_BOOKINGS = {"nights": 2}' in script
        or 'json={"room_id": room_id, "nights": 2}' in script
    )
    assert "def test_documented_success(api: Api, booking_id: Json) -> None:" in script


def test_a_body_without_what_it_would_refer_to_creates_nothing() -> None:
    own = _booking()
    script = offline.write_case(describe(own, *_rooms()), own).script

    assert "def test_documented_success(api: Api, room_id: Json) -> None:" in script
    assert "def test_missing_body_room_id(api: Api) -> None:" in script
    assert "def test_body_room_id_wrong_type(api: Api) -> None:" in script
    assert "def test_missing_body_nights(api: Api, room_id: Json) -> None:" in script


def test_a_long_body_has_a_name_and_what_it_refers_to_is_put_in() -> None:
    words = {"type": "string", "enum": ["a room with a view of the sea, or at least a balcony"]}
    schema = {
        "type": "object",
        "required": ["room_id", "wish"],
        "properties": {"room_id": ROOM_ID, "wish": words},
    }
    own = operation("POST", "/bookings", body=body(content(schema)))
    script = offline.write_case(describe(own, *_rooms()), own).script

    assert 'BODY = {"wish": "a room with' in script
    assert 'api.post("/bookings", json={**BODY, "room_id": room_id})' in script
    assert 'api.post("/bookings", json=BODY)' in script
    assert 'json=BODY | {"room_id": "not-a-uuid"}' in script


def test_a_body_that_refers_to_others_is_varied_like_any_other() -> None:
    """With what it refers to, where only something else differs."""
    schema = {
        "type": "object",
        "required": ["room_id"],
        "properties": {"room_id": ROOM_ID},
        "additionalProperties": False,
    }
    own = operation("POST", "/bookings", body=body(content(schema)))
    script = offline.write_case(describe(own, *_rooms()), own).script

    assert 'json={"room_id": room_id, "unknown_property": "x"}' in script
    assert 'json={"room_id": "not-a-uuid"}' in script
    assert "def test_body_null(api: Api) -> None:" in script
