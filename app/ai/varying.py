"""Bodies for checks of state: with all properties, with another value, and what to compare.

What a server may rightly keep to itself or decide by itself is neither compared nor changed:
secrets, states that follow rules of their own, references to other resources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.ai import merging, naming, reading
from app.ai.errors import NoValueError
from app.ai.material import OperationMaterial
from app.openapi.model import Schema
from testops.json_values import Json

_SCALARS = frozenset({"string", "integer", "number", "boolean"})
#: Never given back, or not as they were sent.
_SECRETS = ("password", "passwd", "secret", "token", "pin", "cvv", "cvc", "otp", "credential")
#: Set by rules of the server, whatever a client asks for.
_GOVERNED = frozenset({"status", "state", "phase", "stage", "version", "revision", "etag", "rev"})
#: Written in a form of the server's choice.
_REFORMED = ("phone", "fax", "html", "iban", "slug", "timezone", "url", "uri", "link", "website")
#: Properties that change though nobody changes them.
_VOLATILE = ("updated", "modified", "changed", "accessed", "seen", "views", "count", "version",
             "revision", "etag", "age", "expires", "now", "timestamp")  # fmt: skip
#: Formats in which a value comes back as it was sent.
_FORMATS = frozenset({None, "date", "email", "uuid", "int32", "int64", "float", "double"})
_MAX_OPTIONAL = 8
#: Objects and lists inside each other; more are not compared.
_MAX_DEPTH = 4

Accepts = Callable[[Json], bool]


def properties(schema: Schema, schemas: Mapping[str, Schema]) -> Mapping[str, Schema]:
    """The properties at the top of a schema."""
    found: Mapping[str, Schema] = (merging.merged(schema, schemas) or {}).get("properties", {})
    return found


def whole(schema: Schema, schemas: Mapping[str, Schema]) -> Mapping[str, Json]:
    """A schema read in one place; empty where nothing can fit."""
    return merging.merged(schema, schemas) or {}


def required(schema: Schema, schemas: Mapping[str, Schema]) -> Sequence[str]:
    """The properties that a schema requires at its top."""
    found: Sequence[str] = whole(schema, schemas).get("required", ())
    return found


def kept(
    names: Sequence[str],
    asked: Mapping[str, Schema],
    answered: Mapping[str, Schema],
    schemas: Mapping[str, Schema],
) -> tuple[str, ...]:
    """The sent properties that have to come back as they were sent."""
    return tuple(
        name
        for name in names
        if name in asked
        and name in answered
        and _comes_back(name, asked[name], answered[name], schemas)
    )


def wide(material: OperationMaterial, place: int, value: Mapping[str, Json]) -> dict[str, Json]:
    """The body with the optional properties too that are plain; never at their defaults."""
    schema = material.contents[place].schema
    accepts = material.accepts(f"/contents/{place}")
    result = dict(value)
    optional = [name for name in properties(schema, material.schemas) if name not in value]
    for name in optional[:_MAX_OPTIONAL]:
        made = other(material, place, result, name)
        if made is not None and accepts({**result, name: made}):
            result[name] = made
    return result


def other(material: OperationMaterial, place: int, value: Mapping[str, Json], name: str) -> Json:
    """A value for a property that is neither the one it has nor its default; None for none."""
    schema = properties(material.contents[place].schema, material.schemas).get(name, True)
    if not is_plain(name, schema, material.schemas):
        return None
    whole = merging.merged(schema, material.schemas) or {}
    taken = [value.get(name), whole.get("default")]
    accepts = material.accepts(f"/contents/{place}")
    return another(material, name, schema, taken, lambda made: accepts({**value, name: made}))


def another(
    material: OperationMaterial, name: str, schema: Schema, taken: Sequence[Json], accepts: Accepts
) -> Json:
    """A value for a schema that is none of the taken ones; None where none is found."""

    def fits(made: Json) -> bool:
        return made is not None and made not in taken and accepts(made)

    try:
        return material.values.make(schema, name, accepts=fits).value
    except NoValueError:
        return None


def is_plain(name: str, schema: Schema, schemas: Mapping[str, Schema]) -> bool:
    """Whether a property can be set to any value that its schema allows."""
    whole = merging.merged(schema, schemas) or {}
    kinds = reading.kinds(schema, schemas) - {"null"}
    return (
        bool(kinds)
        and kinds <= _SCALARS
        and "pattern" not in whole
        and not reading.is_id(name)
        and _is_kept(name, schema, schemas)
    )


def is_text(name: str, schema: Schema, schemas: Mapping[str, Schema]) -> bool:
    """Whether it is plain, and any text."""
    whole = merging.merged(schema, schemas) or {}
    is_string = reading.kinds(schema, schemas) - {"null"} == {"string"}
    return (
        is_string and is_plain(name, schema, schemas) and not {"enum", "const", "format"} & {*whole}
    )


def is_volatile(name: str, schema: Schema, schemas: Mapping[str, Schema]) -> bool:
    """Whether it may change between two answers though nobody asked for that."""
    whole = merging.merged(schema, schemas) or {}
    words = set(naming.slug(naming.split(name)).split("_"))
    return (
        whole.get("readOnly") is True
        or whole.get("format") in {"date-time", "date", "time"}
        or bool(words & set(_VOLATILE))
    )


def _comes_back(
    name: str, asked: Schema, answered: Schema, schemas: Mapping[str, Schema], depth: int = 0
) -> bool:
    """Whether all of a value comes back, what is inside of it too."""
    if depth > _MAX_DEPTH or not _are_alike(asked, answered, schemas):
        return False
    if not (_is_kept(name, asked, schemas) and _is_kept(name, answered, schemas)):
        return False
    ours, theirs = whole(asked, schemas), whole(answered, schemas)
    inner = theirs.get("properties", {})
    return all(
        n in inner and not reading.is_id(n) and _comes_back(n, each, inner[n], schemas, depth + 1)
        for n, each in ours.get("properties", {}).items()
    ) and (
        "items" not in ours
        or _comes_back(name, ours["items"], theirs.get("items", True), schemas, depth + 1)
    )


def _is_kept(name: str, schema: Schema, schemas: Mapping[str, Schema]) -> bool:
    whole = merging.merged(schema, schemas) or {}
    plain = naming.slug(naming.split(name))
    words = set(plain.split("_"))
    return (
        not any(whole.get(keyword) is True for keyword in ("readOnly", "writeOnly", "deprecated"))
        and not any(word in plain for word in _SECRETS)
        and not words & _GOVERNED
        and not words & set(_REFORMED)
        and whole.get("format") in _FORMATS
    )


def _are_alike(asked: Schema, answered: Schema, schemas: Mapping[str, Schema]) -> bool:
    """Whether both are of one type, so that one can be the other."""
    ours, theirs = (reading.kinds(each, schemas) - {"null"} for each in (asked, answered))
    numbers = {"integer", "number"}
    return bool(ours & theirs or (ours <= numbers and theirs <= numbers)) and bool(ours and theirs)
