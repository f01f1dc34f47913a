"""Reads the code of a proposed check: one function, and before it what it imports."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from app.ai.validation import vocabulary

#: A check that a person can read is far shorter.
MAX_CODE = 6000
_NAME = re.compile(r"test_[a-z0-9_]{1,90}")


class UnsoundError(Exception):
    """The code is no check; the message tells the model why."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Code that has the form of a check."""

    function: ast.FunctionDef
    #: Name → the module it is imported from.
    imports: Mapping[str, str]

    @property
    def name(self) -> str:
        """The function's."""
        return self.function.name

    @property
    def arguments(self) -> list[str]:
        """What it asks pytest for."""
        return [each.arg for each in self.function.args.args]


def read(code: str) -> Draft:
    """Read a check; raises UnsoundError."""
    if len(code) > MAX_CODE:
        raise UnsoundError(f"The code has more than {MAX_CODE} characters.")
    *before, last = _parsed(code).body or [ast.Pass()]
    if not isinstance(last, ast.FunctionDef) or not all(map(_is_import, before)):
        raise UnsoundError("The code has to be one function, with nothing but imports before it.")
    imports = dict(pair for node in before for pair in _imported(node))
    function, inner = _without_imports(last)
    return Draft(function, imports | inner)


def _parsed(code: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except SyntaxError as error:
        raise UnsoundError(f"It is not Python: {error.msg} (line {error.lineno}).") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnsoundError("It cannot be read as Python.") from error


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _without_imports(function: ast.FunctionDef) -> tuple[ast.FunctionDef, dict[str, str]]:
    """Imports at a function's beginning belong to the top of the module."""
    pairs = [pair for node in function.body if _is_import(node) for pair in _imported(node)]
    function.body = [node for node in function.body if not _is_import(node)] or [ast.Pass()]
    return function, dict(pairs)


def _imported(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Names and where they come from; raises UnsoundError for what may not be imported."""
    module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
    for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else []:
        if alias.asname or alias.name not in vocabulary.IMPORTS.get(module, ()):
            raise UnsoundError(
                f"`{ast.unparse(node)}` is not allowed. {_offer(module or alias.name)}"
            )
        yield alias.name, module


def _offer(module: str) -> str:
    names = vocabulary.IMPORTS.get(module)
    if names:
        return f"Use `from {module} import …` of: {', '.join(sorted(names))}."
    return f"Imports may be from: {', '.join(sorted(vocabulary.IMPORTS))}."


def problems(draft: Draft, known: Collection[str], fixtures: Collection[str]) -> Iterator[str]:
    """What is wrong with a check's form.

    `known` are the names at the top of the module that it will stand in, `fixtures` those of them
    that pytest gives.
    """
    if not _NAME.fullmatch(draft.name):
        yield "The function's name has to be test_ and lower-case words."
    if draft.name in known:
        yield f"The module already has {draft.name}."
    yield from _signature(draft, fixtures)
    yield from _unknown_nodes(draft.function)
    yield from _attributes(draft.function)
    yield from _names(draft, known)


def _signature(draft: Draft, fixtures: Collection[str]) -> Iterator[str]:
    function, given = draft.function, draft.function.args
    if "api" not in draft.arguments:
        yield "The function has to take the client: `api: Api`."
    extra = [name for name in draft.arguments if name not in {*vocabulary.CLIENTS, *fixtures}]
    if extra:
        yield f"There is no fixture {', '.join(extra)}."
    if given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg or given.defaults:
        yield "The function may only have plain arguments, each a fixture."
    if function.decorator_list:
        yield "The function may have no decorator."


def _unknown_nodes(function: ast.FunctionDef) -> Iterator[str]:
    inside = (node for part in function.body for node in ast.walk(part))
    kinds = {type(node).__name__ for node in inside if not isinstance(node, vocabulary.NODES)}
    if kinds:
        yield (
            "A check consists of requests, assignments, assertions, if and for; "
            f"not of: {', '.join(sorted(kinds))}."
        )


def _attributes(function: ast.FunctionDef) -> Iterator[str]:
    for node in (node for part in function.body for node in ast.walk(part)):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        offered = vocabulary.EXPECTATIONS.get(owner)
        if node.attr.startswith("_") or node.attr in vocabulary.FORBIDDEN_ATTRIBUTES:
            yield f"The attribute {node.attr} may not be used."
        elif offered is not None and node.attr not in offered:
            yield f"There is no {owner}.{node.attr}; there are: {', '.join(sorted(offered))}."


def _names(draft: Draft, known: Collection[str]) -> Iterator[str]:
    names = [node for node in ast.walk(draft.function) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    inside = (node for part in draft.function.body for node in ast.walk(part))
    own = bound | {node.arg for node in inside if isinstance(node, ast.arg)}
    offered = {*known, *draft.imports, *vocabulary.BUILTINS, *vocabulary.IMPORTS["testops"]}
    if taken := own & (offered | set(draft.arguments)):
        yield f"These names are taken: {', '.join(sorted(taken))}."
    read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    if unknown := read - own - offered - set(draft.arguments):
        yield f"These names are not known here: {', '.join(sorted(unknown))}."
