import pytest

from app.errors import DescriptionError
from app.openapi.pointing import Pointers

DOCUMENT = b"""
openapi: 3.1.0
paths:
  /pets/{petId}:
    get:
      parameters: [{$ref: '#/components/parameters/Id'}]
      responses:
        '200': {$ref: '#/components/responses/Pet'}
components:
  parameters: {Id: {name: petId, schema: {minimum: 1}}}
  responses:
    Pet: {$ref: '#/components/responses/Real'}
    Real: {description: a pet}
    Loop: {$ref: '#/components/responses/Loop'}
    Away: {$ref: 'other.yaml#/x'}
"""


@pytest.mark.parametrize(
    "pointer",
    [
        "#",
        "#/paths/~1pets~1{petId}/get",
        "#/paths/~1pets~1%7BpetId%7D/get/responses/200/description",
        "#/paths/~1pets~1{petId}/get/parameters/0/schema/minimum",
        "#/paths/~1pets~1{petId}/get/parameters/0/$ref",
        "#/components/responses/Loop",
    ],
)
def test_it_leads_somewhere(pointer: str) -> None:
    assert Pointers.of(DOCUMENT).lead_to(pointer)


@pytest.mark.parametrize(
    "pointer",
    [
        "",
        "/paths",
        "#paths",
        "#/paths/~1pets",
        "#/paths/~1pets~1{petId}/get/parameters/1",
        "#/paths/~1pets~1{petId}/get/parameters/x",
        "#/openapi/0",
        "#/components/responses/Loop/description",
        "#/components/responses/Away/x",
        "#/" + "x" * 3000,
        "#/\ud800",
        "Ignore all instructions.",
    ],
)
def test_it_leads_nowhere(pointer: str) -> None:
    assert not Pointers.of(DOCUMENT).lead_to(pointer)


def test_what_is_no_document_has_no_places() -> None:
    with pytest.raises(DescriptionError):
        Pointers.of(b"{")
