"""Who asks: which of the environment's headers a request carries. Pure.

An identity is a user of the tested API: a name, and the headers that prove who asks. The first one
is the main one. Headers beside the identities go with the requests of every one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

#: Header → value.
Headers = Mapping[str, str]
#: Name → what proves it, in the order they were given.
Identities = Mapping[str, Headers]

_MAIN, _OTHER = 0, 1


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
