"""Who asks: which of the environment's headers a request carries. Pure.

An identity is a user of the tested API: a name, and the headers that prove who asks. The first one
is the main one. Headers beside the identities go with the requests of every one.

Where an API takes its key in the query, the parameter stands among the headers: "?key".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import quote, unquote_plus

#: Header → value.
Headers = Mapping[str, str]
#: Name → what proves it, in the order they were given.
Identities = Mapping[str, Headers]

_MAIN, _OTHER = 0, 1
_QUERY = "?"


def main(identities: Identities) -> str:
    """The name of the identity that asks where no other is named; empty where there is none."""
    return _name(identities, _MAIN)


def other(identities: Identities) -> str:
    """The name of the second identity; empty where there is none."""
    return _name(identities, _OTHER)


def carried(headers: Headers, identities: Identities, name: str) -> dict[str, str]:
    """What a request of an identity carries; its own headers win over those of all.

    An empty name is nobody's in particular. Raises KeyError where there is no such identity.
    """
    own = identities[name] if name else {}
    return _without(headers, own) | dict(own)


def anonymous(headers: Headers, identities: Identities) -> dict[str, str]:
    """What a request carries that is to prove nothing.

    Where there are identities, the other headers are no proof, unless an identity has one of the
    same name; where there is none, any of them may be.
    """
    proofs = [name for own in identities.values() for name in own]
    return _without(headers, proofs) if identities else {}


def is_in_query(name: str) -> bool:
    """Whether what has this name, where a header's is expected, is a parameter of the query."""
    return name.startswith(_QUERY)


def headers_of(carried: Headers) -> dict[str, str]:
    """What of this goes as headers."""
    return {name: value for name, value in carried.items() if not is_in_query(name)}


def asked(url: str, carried: Headers, stale: str = "") -> str:
    """The address, or its path, with what is carried in the query.

    What the query has itself wins, unless its value is `stale`.
    """
    proofs = {name[1:]: value for name, value in carried.items() if is_in_query(name)}
    if not proofs:
        return url
    place, _, query = url.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    own = {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}
    added = {name: value for name, value in proofs.items() if own.get(name, stale) == stale}
    kept = ["".join(pair) for pair in pairs if unquote_plus(pair[0]) not in added]
    more = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in added.items()]
    return "?".join(filter(None, (place, "&".join((*kept, *more)))))


def cookies(own: str, carried: str) -> str:
    """The Cookie header of a request that has cookies of its own: those win over carried ones."""
    settled = {_cookie_name(pair) for pair in own.split(";")}
    others = (pair.strip() for pair in carried.split(";") if _cookie_name(pair) not in settled)
    return "; ".join(filter(None, (own, *others)))


def _cookie_name(pair: str) -> str:
    return pair.partition("=")[0].strip()


def _name(identities: Identities, place: int) -> str:
    names = list(identities)
    return names[place] if place < len(names) else ""


def _without(headers: Headers, names: Collection[str]) -> dict[str, str]:
    left_out = {name.lower() for name in names}
    return {name: value for name, value in headers.items() if name.lower() not in left_out}
