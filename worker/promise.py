"""What a module promises to check, read from its text without running it.

The engine holds the run against this reading: a script that leaves checks out, or adds some while
it is imported, cannot pass. The rules are those of pytest's collection for what stands in plain
sight: functions `test*` and methods `test*` of classes `Test*`, at the top of the module. Checks
that are imported, inherited, assigned or defined under a condition are not promised.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from worker import reading
from worker.claims import Group

#: Larger modules are not read; a generated one has a few kilobytes.
SCRIPT_LIMIT = 1024 * 1024


Check = ast.FunctionDef | ast.AsyncFunctionDef


class BrokenModuleError(Exception):
    """The module cannot be read, or promises nothing."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The checks of a module, each with its docstring."""

    intents: Mapping[str, str]
    #: What each check claims to have asked and been answered.
    claims: Mapping[str, tuple[Group, ...]] = field(default_factory=dict)

    #: The checks that are to run, with their parameter ids; None for all.
    only: tuple[str, ...] | None = None

    def of_only(self, checks: tuple[str, ...]) -> Promise:
        """What is promised where only some checks are to run."""
        return replace(self, only=checks)

    def intent(self, check: str) -> str:
        """The docstring of a check, its parameter id left aside."""
        return self.intents.get(function_of(check), "")

    def claims_of(self, check: str) -> tuple[Group, ...]:
        """What a check claims, its parameter id left aside."""
        return self.claims.get(function_of(check), ())

    def difference(self, checks: tuple[str, ...]) -> str:
        """What is missing and what was added, in words; empty where both agree."""
        wanted = self.intents if self.only is None else self.only
        seen = {check if self.only is not None else function_of(check) for check in checks}
        missing = ", ".join(name for name in wanted if name not in seen)
        added = ", ".join(sorted(name for name in seen if name not in wanted))
        parts = (missing and f"missing: {missing}", added and f"added: {added}")
        return "; ".join(part for part in parts if part)


def function_of(check: str) -> str:
    """The function's name of a check: "test_x" of "test_x[a]"."""
    return check.partition("[")[0]


def read(script: str) -> Promise:
    """Read a module's text.

    Raises BrokenModuleError where Python cannot parse it or where there is no check in it.
    """
    if len(script) > SCRIPT_LIMIT:
        raise BrokenModuleError(f"The module has more than {SCRIPT_LIMIT} characters.")
    tree = parse(script)
    checks = dict(_checks(tree.body))
    if not checks:
        raise BrokenModuleError("The module defines no check: no function test_… at its top level.")
    try:
        module = reading.module_of(tree)
        claims = {
            name: reading.claims_of(module, node)
            for name, node in checks.items()
            if isinstance(node, ast.FunctionDef)
        }
    except RecursionError as error:
        raise BrokenModuleError("The module is nested too deeply to be read.") from error
    except reading.ReadingError as error:
        raise BrokenModuleError(str(error)) from error
    return Promise({name: ast.get_docstring(node) or "" for name, node in checks.items()}, claims)


def parse(script: str) -> ast.Module:
    """Parse a module's text.

    Raises BrokenModuleError, also for text that exhausts the parser.
    """
    try:
        return ast.parse(script)
    except SyntaxError as error:
        raise BrokenModuleError(f"SyntaxError: {error.msg} (line {error.lineno})") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise BrokenModuleError(
            f"The module cannot be parsed: {type(error).__name__} {error}"
        ) from error


def _checks(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Check]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("test") and not _is_fixture(node):
                yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _checks(node.body, f"{prefix}{node.name}::")


def _is_fixture(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        ast.unparse(decorator).partition("(")[0].endswith("fixture")
        for decorator in node.decorator_list
    )
