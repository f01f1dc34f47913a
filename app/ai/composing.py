"""Puts a model's checks into a module of the offline writer's, as source of our own making.

What the model wrote is read and written anew, so that no comment, docstring or spelling of it is
left; intent and pointer go through the one module that quotes foreign text.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.ai import quoting

#: What a group of imports before pytest's may be from.
_STANDARD = frozenset(
    {
        *("collections", "collections.abc", "datetime", "decimal", "json", "math", "re"),
        *("urllib.parse", "uuid"),
    }
)


@dataclass(frozen=True, slots=True)
class SoundCheck:
    """A check of a model's that was found valid."""

    name: str
    intent: str
    pointer: str
    #: The function without decorators or docstring.
    function: ast.FunctionDef
    #: Name → the module it is imported from.
    imports: Mapping[str, str]

    @property
    def source(self) -> str:
        """The function as it will stand in the module, not yet laid out."""
        told = f"{_sentence(self.intent)}\n\n    Source: {quoting.pointer(self.pointer)}\n    "
        given = [ast.arg(each.arg, _kind_of(each.arg)) for each in self.function.args.args]
        function = ast.FunctionDef(
            name=self.name,
            args=ast.arguments([], given, None, [], [], None, []),
            body=[ast.Expr(ast.Constant(told)), *filter(_does_something, self.function.body)],
            decorator_list=[],
            returns=ast.Constant(None),
        )
        return ast.unparse(ast.fix_missing_locations(function))


@dataclass(frozen=True)
class OfflineModule:
    """A module of the offline writer's, and what stands at its top."""

    script: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its parsed text."""
        return ast.parse(self.script)

    @cached_property
    def names(self) -> frozenset[str]:
        """What is bound at its top: constants, functions, imports."""
        return frozenset(name for node in self.tree.body for name in _bound(node))

    @cached_property
    def imports(self) -> Mapping[str, str]:
        """Name → the module it is imported from; empty for a module itself."""
        return {
            alias.name: getattr(node, "module", "")
            for node in self.tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }

    @cached_property
    def fixtures(self) -> frozenset[str]:
        """Functions that pytest hands to checks that name them."""
        return frozenset(
            node.name
            for node in self.tree.body
            if isinstance(node, ast.FunctionDef) and node.decorator_list and not _is_check(node)
        )

    def with_checks(self, checks: Sequence[SoundCheck]) -> str:
        """The module with the checks at its end, not yet laid out."""
        return self._module(lambda _: False, checks)

    def of_checks(self, checks: Sequence[SoundCheck]) -> str:
        """A module of these checks and what they may rest on, without those that were there."""
        return self._module(_is_check, checks)

    def _module(self, is_left_out: Callable[[ast.stmt], bool], checks: Sequence[SoundCheck]) -> str:
        docstring, *others = self.tree.body
        imports = {**self.imports, "Api": "testops"}
        for check in checks:
            imports |= check.imports
        lines = self.script.split("\n")
        for node in others:
            if _is_import(node) or is_left_out(node):
                lines[_first_line(node) - 1 : node.end_lineno] = [""] * _length(node)
        top = docstring.end_lineno or 0
        own = [check.source for check in checks]
        return "\n\n".join(
            ["\n".join(lines[:top]), *_import_lines(imports), "\n".join(lines[top:]), *own, ""]
        )


def _first_line(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return min([node.lineno, *(each.lineno for each in decorators)])


def _length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - _first_line(node) + 1


def _import_lines(imports: Mapping[str, str]) -> Iterator[str]:
    """Standard library, pytest, SDK: each group a block of its own."""
    modules = sorted({module for module in imports.values() if module in _STANDARD})
    if modules:
        yield "\n".join(_import_from(module, imports) for module in modules)
    if "pytest" in imports:
        yield "import pytest"
    yield _import_from("testops", imports)


def _import_from(module: str, imports: Mapping[str, str]) -> str:
    names = [name for name, place in imports.items() if place == module]
    ordered = sorted(names, key=lambda name: (name[0].islower(), name))
    return f"from {module} import {', '.join(ordered)}"


def _bound(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name):
            yield name
        case ast.Assign(targets=[ast.Name(name)]):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (alias.name for alias in names)


def _does_something(statement: ast.stmt) -> bool:
    """Whether it is no docstring, nor any other text that stands alone."""
    return not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_check(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test")


def _kind_of(argument: str) -> ast.expr:
    return ast.Name("Api" if argument in {"api", "other"} else "Json")


def _sentence(intent: str) -> str:
    text = quoting.prose(intent, 200) or "The API does what its description says."
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
