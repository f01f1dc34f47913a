"""From bytes to an `ApiDescription`: pure, with no network and no file access.

A description that cannot be read as a whole raises DescriptionError; a part that cannot be used is
a problem of the result, and the rest is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.openapi import openapi3, operations, parsing, recognition, security, servers, swagger2
from app.openapi.context import Context
from app.openapi.model import ApiDescription, Operation, Problem
from app.openapi.problems import Problems
from app.openapi.references import References
from app.openapi.schemas import Schemas
from app.openapi.tree import Node, prose


@dataclass(frozen=True, slots=True)
class Source:
    """A description as it came in."""

    data: bytes
    #: Where it came from, an URL or a file name: relative servers are resolved against it.
    origin: str = ""
    #: What relative references may lead into, by path relative to the entry document's folder.
    files: Mapping[str, bytes] = field(default_factory=dict)
    #: What was lost before: an import cannot tell all that another tool kept.
    problems: tuple[Problem, ...] = ()


def load_bytes(
    data: bytes, *, origin: str = "", files: Mapping[str, bytes] | None = None
) -> ApiDescription:
    """The description in some bytes: JSON or YAML, gzip or not; see `load`."""
    return load(Source(data, origin, files or {}))


def load(source: Source) -> ApiDescription:
    """The description, normalised whatever its version.

    DescriptionError (what, where, what to do) when it is no Swagger 2.0 or OpenAPI 3.0 to 3.2, or
    goes beyond `app.openapi.limits`.
    """
    problems = Problems()
    for problem in source.problems:
        problems.add(problem.pointer, problem.message)
    tree = parsing.parse(source.data, document="", problems=problems)
    dialect = recognition.dialect_of(tree, problems=problems)
    references = References(tree, origin=source.origin, files=source.files, problems=problems)
    schemas = Schemas(references, problems, dialect=dialect)
    context = Context(dialect, references, schemas, problems)
    return _described(context, source.origin)


def _described(context: Context, origin: str) -> ApiDescription:
    root = context.root
    is_swagger = context.dialect == "2.0"
    components = root if is_swagger else root.get("components") or Node("", {})
    context.schemas.register(components.get("definitions" if is_swagger else "schemas"))
    reader = swagger2.Swagger2(context) if is_swagger else openapi3.OpenApi3(context)
    found = operations.read(context, reader)
    schemes = security.schemes(
        context, components, "securityDefinitions" if is_swagger else "securitySchemes"
    )
    _note_unknown_schemes(context, found, frozenset(schemes))
    information = root.get("info") or Node("", {})
    base_urls = (servers.of_swagger2 if is_swagger else servers.of_openapi3)(context, origin)
    return ApiDescription(
        title=_text(information, "title") or "Untitled API",
        version=_text(information, "version"),
        dialect=context.dialect,
        servers=base_urls,
        operations=found,
        schemas=context.schemas.finish(),
        security_schemes=schemes,
        problems=context.problems.listed(),
    )


def _text(node: Node, key: str) -> str:
    found = node.get(key)
    return prose(found.value) if found else ""


def _note_unknown_schemes(
    context: Context, found: tuple[Operation, ...], known: frozenset[str]
) -> None:
    """A requirement that names no usable scheme cannot be met by anybody who only reads this."""
    named = {name for operation in found for names in operation.security for name in names}
    for name in sorted(named - known):
        context.problems.add("#/security", f"The security scheme '{name[:100]}' is not described.")
