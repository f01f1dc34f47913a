"""Questions about a module's text: what an expression names, what a statement may do. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from http import HTTPStatus

#: Contexts in which an exception does not end the check.
_SWALLOWING = re.compile(r"(raises|suppress)$", re.IGNORECASE)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_LEAVING = (ast.Return, ast.Yield, ast.YieldFrom)
_JUMPS = (ast.Break, ast.Continue)
_LOOPS = (ast.For, ast.While, ast.AsyncFor)
#: Nothing is below them.
_BARREN = (ast.Name, ast.Constant, ast.expr_context)
#: Expressions of which nothing, or nothing certain, is evaluated in their place.
_LATER = (
    *(ast.Lambda, ast.Await, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    ast.Yield,
)


def always(statement: ast.stmt) -> Iterator[ast.expr | ast.stmt]:
    """The parts of a compound statement that run whenever it does, in their order."""
    match statement:
        case ast.If(test=test) | ast.While(test=test):
            yield test
        case ast.For(iter=ast.List(elts=[_, *_]) | ast.Tuple(elts=[_, *_]), body=body):
            yield statement.iter
            yield from body
        case ast.For(iter=sequence):
            yield sequence
        case ast.With(items=items, body=body):
            contexts = [item.context_expr for item in items]
            yield from contexts
            yield from [] if any(swallows(context) for context in contexts) else body
        case ast.Try(body=body, handlers=handlers, finalbody=final):
            yield from [] if handlers else body
            yield from final
        case ast.Match(subject=value) | ast.Assign(value=value) | ast.AugAssign(value=value):
            yield value


def parts(expression: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression that are evaluated whenever it is, in their order."""
    match expression:
        case ast.BoolOp(values=[first, *_]) | ast.IfExp(test=first):
            yield first
        case ast.Compare(left=left, comparators=[first, *_]):
            yield from (left, first)
        case _ if not isinstance(expression, _LATER):
            children = ast.iter_child_nodes(expression)
            yield from (child for child in children if isinstance(child, ast.expr))


def status_in(test: ast.expr) -> tuple[ast.expr, frozenset[int]]:
    """The response whose status an assertion names, and the status; else the assertion itself."""
    match test:
        case ast.Compare(
            left=ast.Attribute(value=response, attr="status"),
            ops=[ast.Eq() | ast.In()],
            comparators=[wanted],
        ):
            return response, statuses(wanted)
        case ast.Compare(
            left=wanted,
            ops=[ast.Eq()],
            comparators=[ast.Attribute(value=response, attr="status")],
        ):
            return response, statuses(wanted)
    return test, frozenset()


def statuses(wanted: ast.expr) -> frozenset[int]:
    """The statuses that an expression names; none where it cannot be read."""
    match wanted:
        case ast.Constant(value=int(number)):
            return frozenset({number})
        case ast.Attribute(value=ast.Name("HTTPStatus"), attr=name):
            return frozenset(status.value for status in HTTPStatus if status.name == name)
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            known = [statuses(item) for item in items]
            return frozenset().union(*known) if all(known) else frozenset()
    return frozenset()


def leaves(node: ast.AST) -> bool:
    """Whether something in it may keep the next statement from running, short of an exception.

    A generator may never be asked to go on after what it yields.
    """
    # Every statement of every check is looked through, so this is quick rather than short.
    waiting = [(node, False)]
    while waiting:
        part, in_loop = waiting.pop()
        if isinstance(part, _LEAVING) or (isinstance(part, _JUMPS) and not in_loop):
            return True
        if isinstance(part, _FUNCTIONS):
            continue
        inside = in_loop or isinstance(part, _LOOPS)
        waiting.extend((child, inside) for child in _branches(part))
    return False


def _branches(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes right below that can hold others."""
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            yield from (each for each in value if isinstance(each, ast.AST))
        elif isinstance(value, ast.AST) and not isinstance(value, _BARREN):
            yield value


def bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds or deletes, with all that is in it."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id


def is_generator(function: ast.FunctionDef) -> bool:
    """Whether calling it runs nothing of it."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))


def swallows(context: ast.expr) -> bool:
    """Whether an exception in the context may not leave it."""
    called = context.func if isinstance(context, ast.Call) else context
    return _SWALLOWING.search(ast.unparse(called)) is not None


def fixture(node: ast.FunctionDef) -> ast.expr | None:
    """The decorator that makes a function a fixture."""
    for decorator in node.decorator_list:
        if ast.unparse(decorator).partition("(")[0].endswith("fixture"):
            return decorator
    return None


def is_shared(function: ast.FunctionDef) -> bool:
    """Whether a fixture is set up once for several checks, or that cannot be told."""
    words = [word for each in function.decorator_list for word in _keywords(each)]
    scopes = [word.value for word in words if word.arg == "scope"]
    return any(not isinstance(s, ast.Constant) or s.value != "function" for s in scopes)


def keyword_text(decorator: ast.expr, name: str) -> str:
    """An argument of a decorator, where it is a plain text; empty otherwise."""
    for word in _keywords(decorator):
        if word.arg == name and isinstance(word.value, ast.Constant):
            return str(word.value.value)
    return ""


def parametrised(function: ast.FunctionDef) -> Iterator[str]:
    """The arguments that a decorator gives values to."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and decorator.args:
            for node in ast.walk(decorator.args[0]):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield from (name.strip() for name in node.value.split(","))


def _keywords(decorator: ast.expr) -> list[ast.keyword]:
    return decorator.keywords if isinstance(decorator, ast.Call) else []
