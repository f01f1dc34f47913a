"""Texts for the formats of JSON Schema and OpenAPI, and for what a name means.

Every value is reserved for documentation (RFC 2606, RFC 5737, RFC 3849) or names nobody.
"""

from __future__ import annotations

import random
import uuid

from app.ai import naming

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
#: The same where a span of time ends, which is after it began.
_LATER = {"date": "2024-03-18", "date-time": "2024-03-18T10:30:00Z", "time": "18:30:00Z"}
_ENDS = frozenset(
    {
        *("end", "ends", "ended", "ending", "to", "until", "till", "out", "checkout", "finish"),
        *("finishes", "finished", "stop", "stops", "return", "returns", "expires", "expiry"),
        *("expiration", "due", "closes", "dropoff", "before", "max"),
    }
)
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


def by_format(name: str, chance: random.Random, called: str = "") -> str | None:
    """A text of a format; None for a format that says nothing about the text.

    What is called an end ("check_out", "endDate") is later than everything else.
    """
    if name in {"uuid", "guid"}:
        return str(uuid.UUID(int=chance.getrandbits(128), version=4))
    if name in _LATER and _is_end(called):
        return _LATER[name]
    return _BY_FORMAT.get(name)


def by_name(name: str) -> str | None:
    """A text for a name whose meaning is known: "contact_email", "countryCode"."""
    plain = "".join(char for char in name.lower() if char.isalpha())
    found = next((end for end in _BY_NAME if plain.endswith(end)), None)
    if found in _LATER and _is_end(name):
        return _LATER[found]
    return None if found is None else _BY_NAME[found]


def _is_end(name: str) -> bool:
    """Whether a name is that of the end of a span of time."""
    return bool(_ENDS & set(naming.slug(naming.split(name)).split("_")))


def words(chance: random.Random, shortest: int, longest: int | None) -> str:
    """Plain words of a length between the bounds."""
    text = chance.choice(_WORDS)
    while len(text) < shortest:
        text = f"{text} {chance.choice(_WORDS)}"
    cut = text[:longest].strip() if longest is not None else text
    return cut.ljust(shortest, "x")
