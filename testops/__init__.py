"""What generated tests import: a client, and expectations held against the API's own description.

    from testops import Api, expect

    OPERATION = "GET /pets/{petId}"


    def test_documented_success(api: Api) -> None:
        response = api.get("/pets/{petId}", path={"petId": 7})

        expect.documented(response)
        expect.success(response, 200)

A module that must not run at the same time as some others names a group that they share:
`RESOURCE_GROUP = "books"`. The fixture `api` comes from `testops.plugin`. A rule the API breaks is
an AssertionError; what could not be decided for want of an input is skipped with the input's name;
anything else is an error.
"""

from __future__ import annotations

from testops import expect, state
from testops.client import Api, Response
from testops.generation import generated
from testops.inputs import created, existing, fresh, linked, replaced, without
from testops.json_values import Json
from testops.lists import Pages, listed
from testops.state import led_to, located

__all__ = [
    "Api",
    "Json",
    "Pages",
    "Response",
    "created",
    "existing",
    "expect",
    "fresh",
    "generated",
    "led_to",
    "linked",
    "listed",
    "located",
    "replaced",
    "state",
    "without",
]
