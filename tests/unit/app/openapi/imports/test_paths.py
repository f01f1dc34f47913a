import pytest

from app.openapi.imports import paths


@pytest.mark.parametrize(
    "segment",
    [
        "12",
        "5f2b6d0e-3c1a-4b7e-9a55-0d8c7e6f4a21",
        "507f1f77bcf86cd799439011",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "cus_9s6XKzkNRiz8i3",
    ],
)
def test_what_a_machine_named_is_an_identifier(segment: str) -> None:
    assert paths.is_identifier(segment)


@pytest.mark.parametrize("segment", ["pets", "v1", "", "deadbeefdeadbeef", "order_items", "me"])
def test_a_word_is_no_identifier(segment: str) -> None:
    assert not paths.is_identifier(segment)


@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("/pets/12", "/pets/{petId}", {"petId": "12"}),
        (
            "/v1/companies/7/boxes/8",
            "/v1/companies/{companyId}/boxes/{boxId}",
            {"companyId": "7", "boxId": "8"},
        ),
        ("/classes/1", "/classes/{classId}", {"classId": "1"}),
        ("/status/200", "/status/{statusId}", {"statusId": "200"}),
        ("/order-items/1", "/order-items/{orderItemId}", {"orderItemId": "1"}),
        ("/pets/{petId}/pets/2", "/pets/{petId}/pets/{petId2}", {"petId2": "2"}),
        ("/12", "/12", {}),
        ("/pets/{id}/3", "/pets/{id}/3", {}),
        ("/pets/all", "/pets/all", {}),
        ("/---/4", "/---/{Id}", {"Id": "4"}),
    ],
)
def test_identifiers_become_parameters_named_after_what_they_are_among(
    path: str, template: str, values: dict[str, str]
) -> None:
    assert paths.templated(path) == (template, values)
