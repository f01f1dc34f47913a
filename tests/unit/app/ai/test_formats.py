from __future__ import annotations

import pytest

from app.ai import formats
from testops.schemas import Schemas
from tests.factories.chances import chance

FORMATS = [
    *("date", "date-time", "time", "duration", "email", "idn-email", "hostname", "ipv4", "ipv6"),
    *("uri", "uri-reference", "iri", "uri-template", "json-pointer", "regex", "uuid"),
]


@pytest.mark.parametrize("name", FORMATS)
def test_texts_fit_their_formats(name: str) -> None:
    schemas = Schemas({"text": {"type": "string", "format": name}})

    assert schemas.complaints("/text", formats.by_format(name, chance())) == []


def test_a_format_that_nobody_defined_says_nothing() -> None:
    assert formats.by_format("shoe-size", chance()) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("contact_email", "alex@example.com"),
        ("countryCode", "DE"),
        ("home-page-url", "https://example.com/page"),
        ("title", None),
    ],
)
def test_some_names_say_what_they_mean(name: str, text: str | None) -> None:
    assert formats.by_name(name) == text


@pytest.mark.parametrize(("shortest", "longest"), [(1, None), (30, None), (1, 2), (8, 8), (0, 0)])
def test_words_keep_within_bounds(shortest: int, longest: int | None) -> None:
    for seed in range(30):
        text = formats.words(chance(seed), shortest, longest)
        assert shortest <= len(text)
        assert longest is None or len(text) <= longest


@pytest.mark.parametrize("begin", ["check_in", "startDate", "valid_from", "returning", ""])
@pytest.mark.parametrize("end", ["check_out", "endDate", "valid_to", "return_date", "expiresAt"])
def test_what_is_called_an_end_is_later(begin: str, end: str) -> None:
    for name in ("date", "date-time", "time"):
        first, last = (formats.by_format(name, chance(), called) for called in (begin, end))
        assert first is not None
        assert last is not None
        assert first < last
    assert formats.by_format("email", chance(), end) == formats.by_format("email", chance(), begin)
    assert formats.by_name("end_date") == "2024-03-18"
    assert formats.by_name("start_date") == "2024-03-15"
