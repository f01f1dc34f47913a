from __future__ import annotations

from collections.abc import Callable

import pytest

from app.openapi.model import Schema
from tests.factories.written import of_property, of_query, request_in


@pytest.mark.parametrize(
    ("form", "text"),
    [("date", "2024-13-45"), ("email", "not-an-email"), ("uuid", "not-a-uuid")],
)
def test_a_text_out_of_its_format_is_refused(form: str, text: str) -> None:
    found = of_query({"type": "string", "format": form})

    assert request_in(found["malformed"]).endswith(f'query={{"size": "{text}"}})')
    assert f"that is no {form} is refused" in found["malformed"]
    assert "expect.refused(response)" in found["malformed"]
    assert "Source: #/parameters/size/schema/format" in found["malformed"]


@pytest.mark.parametrize("form", ["uri", "password", "something"])
def test_a_format_that_servers_do_not_parse_is_let_be(form: str) -> None:
    assert of_query({"type": "string", "format": form}) == {}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("^[A-Z]{3}-[0-9]{3}$", "!"), ("^.a+$", "!"), ("^[a-z!]+$", None), ("^[^A-Z ]{2,9}$", None)],
)
def test_a_text_off_its_pattern_is_refused(pattern: str, text: str | None) -> None:
    found = of_property({"type": "string", "pattern": pattern})

    assert "expect.refused(response)" in found["off_pattern"]
    assert (text or '"') in request_in(found["off_pattern"])


def test_a_pattern_that_everything_matches_has_nothing_off_it() -> None:
    assert "off_pattern" not in of_property({"type": "string", "pattern": "^.*$"})


def test_a_text_off_its_pattern_has_the_right_length() -> None:
    found = of_property({"type": "string", "pattern": "^[a-z]{4}$", "minLength": 4, "maxLength": 4})

    assert len(request_in(found["off_pattern"]).split('"')[-2]) == 4


def test_letters_of_many_scripts_break_nothing() -> None:
    found = of_query({"type": "string"})["many_scripts"]

    assert "Zoë Ñandú ש 東京 🙂" in request_in(found)
    assert found.rstrip().endswith("\n\n    expect.documented(response)")
    assert "size in letters of many scripts breaks nothing." in found


def test_letters_of_many_scripts_keep_to_the_length() -> None:
    assert '"size": "京 🙂"' in request_in(
        of_property({"type": "string", "maxLength": 3})["many_scripts"]
    )
    assert "many_scripts" not in of_property({"type": "string", "maxLength": 0, "default": ""})


@pytest.mark.parametrize(("source", "length"), [(of_query, 1_500), (of_property, 10_000)])
def test_a_very_long_text_breaks_nothing_where_no_length_is_documented(
    source: Callable[[Schema], dict[str, str]], length: int
) -> None:
    assert f'"x" * {length}' in request_in(source({"type": "string"})["very_long"])
    assert "very_long" not in source({"type": "string", "maxLength": 60})


@pytest.mark.parametrize("schema", [{"type": "string", "enum": ["a"]}, {"type": "boolean"}])
def test_what_is_no_free_text_is_sent_no_unusual_one(schema: Schema) -> None:
    assert not {"many_scripts", "very_long"} & of_property(schema).keys()


def test_a_number_too_large_for_64_bits_breaks_nothing_where_none_is_documented() -> None:
    found = of_query({"type": "integer"})

    assert '"size": 9223372036854775808' in request_in(found["large_number"])
    assert "large_number" not in of_query({"type": "integer", "maximum": 9})
