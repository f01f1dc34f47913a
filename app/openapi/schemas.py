"""Translates the schemas of every dialect into JSON Schema 2020-12, and gives them names.

What the description says about a value is only ever loosened, never tightened: a keyword that
cannot be used is left out with a problem, and where leaving out would tighten (inside `not`, among
the branches of `oneOf`) the keyword around it goes or becomes `anyOf`.
"""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from app.openapi import dialects, discriminators, keywords, limits, rings
from app.openapi.model import Schema
from app.openapi.problems import Problems
from app.openapi.references import BrokenReferenceError, References, reference_in
from app.openapi.rings import Standing
from app.openapi.tree import Node

#: Keywords whose value is one schema about a part of the value, or about another value.
_PART = frozenset(
    {
        "items",
        "contains",
        "additionalProperties",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
        "contentSchema",
    }
)
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas"})
#: Keywords that hold a value to other schemas, whatever `type` says beside them.
_COMPOSED = frozenset({"$ref", "allOf", "anyOf", "oneOf", "not", "if"})
#: Keywords that may refuse null without naming a type.
_UNTYPED = _COMPOSED | {"type", "enum", "const"}
#: What an API description has at its top and no schema has.
_DESCRIPTION_KEYS = frozenset({"openapi", "swagger"})
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
#: About a part of the value: no ring comes about.
_ELSEWHERE = Standing()


class Schemas:
    """The named schemas of one description, translated when first referred to.

    `named` is what `#/schemas/<name>` leads to; it is complete once `finish` has returned.
    """

    def __init__(self, references: References, problems: Problems, *, dialect: str) -> None:
        self._references = references
        self._problems = problems
        #: Up to OpenAPI 3.0, what stands beside a `$ref` does not count.
        self._ref_stands_alone = dialect in {"2.0", "3.0"}
        self._names: dict[int, str] = {}
        #: How often a name was wanted.
        self._taken: dict[str, int] = {}
        self._pending: deque[tuple[str, Node]] = deque()
        self._rings = rings.Rings()
        self.named: dict[str, Schema] = {}

    def register(self, components: Node | None) -> None:
        """Name every schema of `components.schemas` or `definitions` by its key."""
        for node in components.items() if components else ():
            if isinstance(node.value, dict):
                self._name_of(node)

    def schema(self, node: Node) -> Schema:
        """The schema at a place, translated; True where it cannot be used."""
        translated = self._translate(node, limits.MAX_SCHEMA_DEPTH, _ELSEWHERE)
        return True if translated is None else translated

    def finish(self) -> Mapping[str, Schema]:
        """Translate what was referred to, and what that refers to; break endless rings."""
        while self._pending:
            name, node = self._pending.popleft()
            standing = Standing(name)
            translated = self._translate(node, limits.MAX_SCHEMA_DEPTH, standing)
            self.named[name] = True if translated is None else translated
        for name in self._rings.broken():
            self._problems.add(f"#/schemas/{name}", "The schema refers to itself without end.")
        return self.named

    def _translate(self, node: Node, depth: int, standing: Standing) -> Schema | None:
        """A schema; None where it is none, which the caller answers by asking for less."""
        self._problems.spend()
        if isinstance(node.value, bool):
            return node.value
        if not isinstance(node.value, dict):
            self._problems.add(node.pointer, "A schema is an object, true or false.")
            return None
        if not depth:
            self._problems.add(node.pointer, "Nested too deeply: what lies below is not checked.")
            return None
        if reference_in(node) is not None:
            return self._referring(node, depth, standing)
        return _or_null(self._keywords(node, depth, standing), node)

    def _referring(self, node: Node, depth: int, standing: Standing) -> Schema | None:
        target = self._reference(node)
        if not isinstance(target, str):
            return target
        schema = {} if self._ref_stands_alone else self._keywords(node, depth, standing)
        schema["$ref"] = f"#/schemas/{target}"
        self._rings.add(standing, target, schema)
        return _or_null(schema, node)

    def _reference(self, node: Node) -> str | bool | None:
        """The name of what a reference leads to, or itself where it is a boolean schema."""
        try:
            target = self._target(node)
        except BrokenReferenceError as error:
            self._problems.add(node.pointer, f"The reference is left out: {error}.")
            return None
        if isinstance(target.value, bool):
            return target.value
        if isinstance(target.value, dict) and not _DESCRIPTION_KEYS & target.value.keys():
            return self._name_of(target)
        self._problems.add(node.pointer, f"The reference leads to no schema: {target.pointer}.")
        return None

    def _target(self, node: Node) -> Node:
        """The schema at the end of a chain of references that say nothing themselves."""
        for _ in range(limits.MAX_HOPS):
            reference = reference_in(node)
            if reference is None:
                return node
            node = self._references.target(reference, node.document)
            if not self._ref_stands_alone and isinstance(node.value, dict) and len(node.value) > 1:
                return node
        raise BrokenReferenceError("the schema is nothing but a reference to itself")

    def _name_of(self, node: Node) -> str:
        """The name of the schema at a place; the first call gives it one and plans its translation.

        The same object has one name, wherever it stands: YAML aliases share theirs.
        """
        key = id(node.value)
        if key not in self._names:
            self._names[key] = self._unused(_UNSAFE.sub("_", _label(node))[:80] or "schema")
            self._pending.append((self._names[key], node))
        return self._names[key]

    def _unused(self, wanted: str) -> str:
        count = self._taken[wanted] = self._taken.get(wanted, 0) + 1
        if count == 1:
            return wanted
        return self._unused(f"{wanted}-{count}")

    def _keywords(self, node: Node, depth: int, standing: Standing) -> dict[str, Any]:
        schema: dict[str, Any] = {}
        before = self._problems.count
        for keyword, part in dialects.keywords_of(node):
            if keyword in keywords.CHECKS:
                self._plain(keyword, part, schema)
            elif keyword in _PART:
                self._part(keyword, part, depth, schema)
            elif keyword in _LISTS:
                self._list(keyword, part, depth, standing, schema)
            elif keyword in _MAPS:
                self._map(keyword, part, depth, standing, schema)
            elif keyword == "not":
                self._exact(keyword, part, depth, standing.among_alternatives(), schema)
            elif keyword == "if":
                self._condition(node, part, depth, standing, schema)
        if self._problems.count != before:
            schema.pop("unevaluatedProperties", None)
            schema.pop("unevaluatedItems", None)
        return schema

    def _plain(self, keyword: str, part: Node, schema: dict[str, Any]) -> None:
        try:
            schema[keyword] = keywords.CHECKS[keyword](part.value)
        except keywords.InvalidKeywordError as error:
            meant = keywords.meant_type(part.value) if keyword == "type" else ""
            done = f"taken as '{meant}'" if meant else "left out"
            self._problems.add(part.pointer, f"'{keyword}' is {done}: {error}.")
            if meant:
                schema[keyword] = meant

    def _part(self, keyword: str, part: Node, depth: int, schema: dict[str, Any]) -> None:
        translated = self._translate(part, depth - 1, _ELSEWHERE)
        if translated is not None:
            schema[keyword] = translated

    def _exact(
        self, keyword: str, part: Node, depth: int, standing: Standing, schema: dict[str, Any]
    ) -> bool:
        """Add a keyword that loosening would tighten, if nothing in it had to be left out."""
        before = self._problems.count
        translated = self._translate(part, depth - 1, standing)
        if translated is None or self._problems.count != before:
            return False
        schema[keyword] = translated
        return True

    def _condition(
        self, node: Node, part: Node, depth: int, standing: Standing, schema: dict[str, Any]
    ) -> None:
        if not self._exact("if", part, depth, standing, schema):
            return
        for keyword in ("then", "else"):
            branch = node.get(keyword)
            translated = self._translate(branch, depth - 1, standing) if branch else None
            if translated is not None:
                schema[keyword] = translated

    def _list(
        self, keyword: str, part: Node, depth: int, standing: Standing, schema: dict[str, Any]
    ) -> None:
        if not isinstance(part.value, list) or not part.value:
            self._problems.add(part.pointer, f"'{keyword}' is left out: a list was expected.")
            return
        before = self._problems.count
        branches = list(self._branches(keyword, part, depth, standing))
        if keyword == "allOf":
            branches = [branch for branch in branches if branch is not None]
        elif keyword == "prefixItems":
            branches = [True if branch is None else branch for branch in branches]
        elif None in branches:
            return
        elif keyword == "oneOf" and (
            self._problems.count != before
            or not discriminators.told_apart(part.parent, branches, self._references, self._name_of)
        ):
            keyword = "anyOf"
        if branches and keyword not in schema:
            schema[keyword] = branches

    def _branches(
        self, keyword: str, part: Node, depth: int, standing: Standing
    ) -> Iterator[Schema | None]:
        if keyword == "prefixItems":
            standing = _ELSEWHERE
        elif keyword != "allOf":
            standing = standing.among_alternatives()
        for element in part.elements():
            yield self._translate(element, depth - 1, standing)

    def _map(
        self, keyword: str, part: Node, depth: int, standing: Standing, schema: dict[str, Any]
    ) -> None:
        if not isinstance(part.value, dict):
            self._problems.add(part.pointer, f"'{keyword}' is left out: an object was expected.")
            return
        if keyword != "dependentSchemas":
            standing = _ELSEWHERE
        translated: dict[str, Schema] = {}
        for entry in part.items():
            if keyword == "patternProperties" and not keywords.is_pattern(entry.token):
                self._problems.add(entry.pointer, "The property pattern is no regular expression.")
                translated[".*"] = True
                continue
            schema_of_entry = self._translate(entry, depth - 1, standing)
            translated[entry.token] = True if schema_of_entry is None else schema_of_entry
        schema[keyword] = translated


def _label(node: Node) -> str:
    """What a schema is called by the place it stands at: its key, or the name of its file."""
    if node.parent is None:
        return posixpath.basename(node.document).partition(".")[0]
    return node.token


def _or_null(schema: dict[str, Any], node: Node) -> Schema:
    """The schema, with null allowed where OpenAPI 3.0's `nullable` says so.

    The 3.0.3 text binds `nullable` to a `type` beside it; people also write it beside `allOf` and
    `$ref` and mean it, so there it loosens as well.
    """
    if not dialects.allows_null(node):
        return schema
    kind = schema.get("type")
    names = [kind] if isinstance(kind, str) else kind
    if names is None or _COMPOSED & schema.keys():
        return {"anyOf": [schema, {"type": "null"}]} if _UNTYPED & schema.keys() else schema
    if "null" not in names:
        schema["type"] = [*names, "null"]
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema
