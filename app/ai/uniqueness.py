"""Which texts of a body may be there only once: where a conflict (409) is documented of a POST.

What people are told apart by is so where anything is created (201), whatever is documented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.ai import merging, naming
from app.openapi.model import Operation, Schema
from testops import inputs
from testops.json_values import Json

#: How names end that tell one resource from another.
_TELLING = frozenset(
    {
        *("name", "title", "email", "mail", "username", "login", "handle", "nickname", "slug"),
        *("key", "code", "label", "number", "sku", "uuid", "identifier", "id", "domain"),
    }
)
#: How names end of what nobody shares with another.
_OWN = frozenset({"email", "mail", "username", "login", "handle", "nickname"})
_SET = frozenset({"enum", "const", "pattern"})
#: Formats whose texts can be made new.
_FORMATS = frozenset({None, "email", "idn-email", "uuid", "guid"})


def names(
    operation: Operation,
    schema: Schema,
    value: Json,
    schemas: Mapping[str, Schema],
    accepts: Callable[[Json], bool],
) -> tuple[str, ...]:
    """The properties whose texts each request has to have anew, as far as their schemas allow."""
    statuses = {each.status for each in operation.responses}
    if (
        operation.method != "POST"
        or not {"201", "409"} & statuses
        or not isinstance(value, Mapping)
    ):
        return ()
    whole = merging.merged(schema, schemas) or {}
    properties: Mapping[str, Schema] = whole.get("properties", {})
    free = [name for name in value if name in properties and _is_free(properties[name], schemas)]
    texts = [name for name in free if isinstance(value[name], str)]
    own = [name for name in texts if _last_word(name) in _OWN]
    telling = [name for name in texts if _last_word(name) in _TELLING]
    required = [name for name in texts if name in whole.get("required", ())]
    once = (telling or required) if "409" in statuses else own
    return tuple(name for name in once if accepts(inputs.fresh(value, name)))


def _last_word(name: str) -> str:
    return naming.slug(naming.split(name)).rpartition("_")[2]


def _is_free(schema: Schema, schemas: Mapping[str, Schema]) -> bool:
    whole = merging.merged(schema, schemas) or {}
    return not _SET & whole.keys() and whole.get("format") in _FORMATS
