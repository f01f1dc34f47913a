"""Which names a piece of a module binds at its top level, and which it uses."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_INNER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def bound(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The names that statements bind where they stand, in order; a name may come twice."""
    for node in nodes:
        if isinstance(node, _SCOPES):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (each.asname or each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, _INNER):
            yield from bound(ast.iter_child_nodes(node))


def used(nodes: Sequence[ast.AST]) -> frozenset[str]:
    """The names that statements may mean; rather one too many than one too few.

    A parameter names a fixture, and so may a text (`usefixtures("book_id")`).
    """
    return frozenset(name for top in nodes for node in ast.walk(top) for name in _meant(node))


def _meant(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from [node.value] * node.value.isidentifier()
