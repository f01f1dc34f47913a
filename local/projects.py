"""Test modules on this machine: a written project, a folder of modules, or one module."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.domain.plans import PlannedCase
from app.errors import InvalidInputError
from testops import contract
from worker import promise

#: Folders that hold other people's modules.
_FOREIGN = frozenset({"__pycache__", "node_modules", "site-packages", "testops"})
_PATTERNS = ("test_*.py", "*_test.py")


@dataclass(frozen=True, slots=True)
class Module:
    """A test module with the contract it is held against."""

    case: PlannedCase
    #: JSON text, limited to what the module names.
    contract: str


def find(path: Path) -> tuple[Module, ...]:
    """The test modules of a path, in the order of their names.

    Raises InvalidInputError where there is none.
    """
    folder = path if path.is_dir() else path.parent
    files = sorted(set(_files(path))) if path.is_dir() else [path]
    if not files:
        raise InvalidInputError(
            "There is no test module.",
            where=str(path),
            hint="Modules are named test_….py; `testops write` makes some.",
        )
    return tuple(_module(file, file.relative_to(folder).as_posix()) for file in files)


def _files(folder: Path) -> Iterator[Path]:
    for pattern in _PATTERNS:
        for file in folder.rglob(pattern):
            parents = file.relative_to(folder).parent.parts
            if not any(part in _FOREIGN or part.startswith(".") for part in parents):
                yield file


def _module(file: Path, name: str) -> Module:
    try:
        script = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"The module cannot be read: {error}", where=name) from error
    case = PlannedCase(name, operation_of(script), file.name, script)
    return Module(case, _contract_for(file, script))


def operation_of(script: str) -> str:
    """The operation a module names: its constant OPERATION; empty where it has none."""
    try:
        body = promise.parse(script).body
    except promise.BrokenModuleError:
        return ""
    return next((value for node in body if (value := _operation(node))), "")


def _operation(node: ast.stmt) -> str:
    match node:
        case ast.Assign(targets=[ast.Name("OPERATION")], value=ast.Constant(str(value))):
            return value
        case ast.AnnAssign(target=ast.Name("OPERATION"), value=ast.Constant(str(value))):
            return value
    return ""


def _contract_for(file: Path, script: str) -> str:
    """The nearest contract at or above the module, cut down to the operations it may speak of."""
    for folder in file.resolve().parents:
        if (folder / "contract.json").is_file():
            return _cut(_read(folder / "contract.json"), script)
    return "{}"


@lru_cache(maxsize=4)
def _read(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"The contract cannot be read: {error}", where=str(path)) from error
    parts = ("operations", "schemas")
    if not isinstance(document, dict) or not all(isinstance(document.get(p), dict) for p in parts):
        raise InvalidInputError("This is no contract.", where=str(path), hint="Write it again.")
    return document


def _cut(document: Mapping[str, Any], script: str) -> str:
    # A module may also ask other operations, for an id to use; it names them by their path.
    named = [key for key in document["operations"] if key.partition(" ")[2] in script]
    return json.dumps(contract.cut(document, named))
