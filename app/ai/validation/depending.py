"""Whether a check asserts something of an answer, whatever way it takes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from app.ai.validation import vocabulary
from app.ai.validation.drafts import Draft


def problems(draft: Draft) -> Iterator[str]:
    """What the check lacks: a request, or an assertion that depends on an answer."""
    flow = _Flow(frozenset(draft.arguments) & vocabulary.CLIENTS)
    flow.follow(draft.function.body)
    if not flow.asks:
        yield "It sends no request with the client."
    elif not flow.asserts:
        yield (
            "No assertion depends on an answer in every case: assert on the response, or hand it "
            "to `expect` or `state`, outside of `if` and of loops that may be empty."
        )


class _Flow:
    """Follows what always runs, and which names hold something of an answer."""

    def __init__(self, clients: frozenset[str]) -> None:
        self._clients = clients
        self._answered: set[str] = set()
        self.asks = False
        self.asserts = False

    def follow(self, body: Iterable[ast.stmt]) -> None:
        """Follow statements in their order."""
        for statement in body:
            self._step(statement)

    def _step(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assert(test=test):
                self.asserts |= self._depends(test)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(owner)), args=args)):
                judges = owner in vocabulary.EXPECTATIONS and any(map(self._depends, args))
                self.asserts |= judges
            case ast.For(iter=ast.List(elts=[_, *_]) | ast.Tuple(elts=[_, *_]), body=body):
                self.follow(body)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.For():
                self._bind(statement)
        self.asks |= self._is_request(statement)

    def _bind(self, statement: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For) -> None:
        source = statement.iter if isinstance(statement, ast.For) else statement.value
        if source is None or not self._depends(source):
            return
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = (node for target in targets for node in ast.walk(target))
        self._answered |= {node.id for node in names if isinstance(node, ast.Name)}

    def _depends(self, node: ast.AST) -> bool:
        if self._is_request(node):
            self.asks = True
            return True
        names = (each.id for each in ast.walk(node) if isinstance(each, ast.Name))
        return any(name in self._answered for name in names)

    def _is_request(self, node: ast.AST) -> bool:
        """Whether it calls the client, or hands it to something that does."""
        for call in ast.walk(node):
            if isinstance(call, ast.Call):
                owner = call.func.value if isinstance(call.func, ast.Attribute) else None
                names = [each.id for each in (owner, *call.args) if isinstance(each, ast.Name)]
                if self._clients.intersection(names):
                    return True
        return False
