"""Which texts of a body may be there only once: where a conflict (409) is documented of a POST."""

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
    documents_conflict = any(each.status == "409" for each in operation.responses)
    if operation.method != "POST" or not documents_conflict or not isinstance(value, Mapping):
        return ()
    whole = merging.merged(schema, schemas) or {}
    properties: Mapping[str, Schema] = whole.get("properties", {})
    free = [name for name in value if name in properties and _is_free(properties[name], schemas)]
    texts = [name for name in free if isinstance(value[name], str)]
    telling = [name for name in texts if naming.slug(name).rpartition("_")[2] in _TELLING]
    required = [name for name in texts if name in whole.get("required", ())]
    return tuple(name for name in telling or required if accepts(inputs.fresh(value, name)))


def _is_free(schema: Schema, schemas: Mapping[str, Schema]) -> bool:
    whole = merging.merged(schema, schemas) or {}
    return not _SET & whole.keys() and whole.get("format") in _FORMATS
