"""Texts for the formats of JSON Schema and OpenAPI, and for what a name means.

Every value is reserved for documentation (RFC 2606, RFC 5737, RFC 3849) or names nobody.
"""

from __future__ import annotations

import random
import uuid

_WORDS = (
    "amber", "basil", "cedar", "delta", "ember", "fjord", "grove", "hazel", "indigo", "jasper",
    "kelp", "lotus", "maple", "nectar", "olive", "pearl", "quartz", "river", "sage", "topaz",
    "umber", "violet", "willow", "yarrow",
)  # fmt: skip

_BY_FORMAT = {
    "date": "2024-03-15",
    "date-time": "2024-03-15T10:30:00Z",
    "time": "10:30:00Z",
    "duration": "P1D",
    "email": "alex@example.com",
    "idn-email": "alex@example.com",
    "hostname": "host.example.com",
    "idn-hostname": "host.example.com",
    "ipv4": "192.0.2.10",
    "ipv6": "2001:db8::10",
    "uri": "https://example.com/page",
    "url": "https://example.com/page",
    "uri-reference": "/page",
    "iri": "https://example.com/page",
    "iri-reference": "/page",
    "uri-template": "https://example.com/{id}",
    "json-pointer": "/name",
    "relative-json-pointer": "0/name",
    "regex": "^[a-z]+$",
    "byte": "dGVzdA==",
    "password": "Correct-Horse-7",
}
#: How names end that say more than their schemas do.
_BY_NAME = {
    "email": "alex@example.com",
    "mail": "alex@example.com",
    "url": "https://example.com/page",
    "uri": "https://example.com/page",
    "website": "https://example.com/page",
    "phone": "+15550100",
    "country": "DE",
    "countrycode": "DE",
    "currency": "EUR",
    "currencycode": "EUR",
    "language": "en",
    "locale": "en",
    "timezone": "Europe/Berlin",
    "date": "2024-03-15",
}


def by_format(name: str, chance: random.Random) -> str | None:
    """A text of a format; None for a format that says nothing about the text."""
    if name in {"uuid", "guid"}:
        return str(uuid.UUID(int=chance.getrandbits(128), version=4))
    return _BY_FORMAT.get(name)


def by_name(name: str) -> str | None:
    """A text for a name whose meaning is known: "contact_email", "countryCode"."""
    plain = "".join(char for char in name.lower() if char.isalpha())
    return next((text for end, text in _BY_NAME.items() if plain.endswith(end)), None)


def words(chance: random.Random, shortest: int, longest: int | None) -> str:
    """Plain words of a length between the bounds."""
    text = chance.choice(_WORDS)
    while len(text) < shortest:
        text = f"{text} {chance.choice(_WORDS)}"
    cut = text[:longest].strip() if longest is not None else text
    return cut.ljust(shortest, "x")
