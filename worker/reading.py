"""Reads from a module's text which requests its checks cannot pass without.

A check is followed as Python would run it, but only along what always runs: not into branches,
loops that may be empty, or what comes after a return under a condition. Helpers at the top of the
module are followed where they are called, fixtures where they are asked for. What is understood is
the SDK: requests of `api`, `existing` and `created`, expectations, and assertions that name a
status. Everything else is passed over, so that a claim is only made where it is certain.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from worker import claims, syntax
from worker.claims import Claim, Group

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_STATUSES = frozenset(range(100, 600))
_SUCCESS = frozenset(range(200, 300))
#: What an expectation that holds says about the status.
_EXPECTED = {
    "expect.documented": frozenset(range(100, 500)),
    "expect.refused": frozenset(range(400, 500)),
    "expect.not_found": frozenset({404, 410}),
    "expect.not_allowed": frozenset({404, 405, 410, 501}),
    "expect.options": frozenset({*range(100, 500), 501}),
    "state.holds": _SUCCESS,
    "state.lacks": _SUCCESS,
    "state.unchanged": _SUCCESS,
    "state.not_taken": frozenset(range(200, 500)),
    "state.not_obtained": frozenset(range(200, 500)),
}
#: Expectations that are given the statuses with which they hold; without any, a success.
_GIVEN = frozenset({"expect.success", "expect.preferred", "expect.denied"})
#: The fixtures of the SDK that are clients, each of another user.
_CLIENTS = frozenset({"api", "other"})
#: Modules of the SDK, and how what is imported from them is called here.
_PLACES = {
    "testops": "",
    "testops.inputs": "",
    "testops.lists": "",
    "testops.expect": "expect.",
    "testops.methods": "expect.",
    "testops.state": "state.",
}
#: Functions of the SDK that ask for a list or make something, and pass only with a success.
_OBTAINING = {
    "existing": "GET",
    "created": "POST",
    "listed": "GET",
    "state.complete": "GET",
    "state.counted": "GET",
}
#: Gives the list that it was answered.
_LISTING = "listed"
#: How an assertion of the check itself is called among the expectations.
_ASSERTION = "assert"
#: Asks for whatever method and path it is given, at least once, and is answered.
_GENERATING = "generated"
#: What asks where an answer says, and gives what is answered there.
_LOCATED = frozenset({"located", "state.located", "led_to", "state.led_to"})
#: Helpers that call helpers are followed so far.
_MAX_DEPTH = 8
#: Statements that are followed in one module, some of them often; nobody writes so many by hand.
_MAX_STEPS = 200_000


class ReadingError(Exception):
    """The text would take too long to follow."""


class Client(Enum):
    """What `api` is."""

    SDK = "the client of the SDK"
    #: Whatever it does with a path, it asks the target.
    OWN = "what the module's own fixture makes of it"


@dataclass(frozen=True, slots=True)
class Sdk:
    """Something of the SDK, by its name below `testops`."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text, as far as it is known: its pattern as a path, and how it is shown."""

    pattern: str
    shown: str


@dataclass(slots=True)
class Asked:
    """A request, as far as it is known by now."""

    line: int
    method: str
    path: Text
    statuses: frozenset[int] = _STATUSES
    held: frozenset[str] = frozenset()
    #: Whether it is a series of requests, at least one, whose answers are looped over.
    is_generated: bool = False
    #: Whether every answer of the series goes through the same text.
    is_repeated: bool = False


Value = Client | Sdk | Text | Asked | ast.FunctionDef | None
Names = dict[str, Value]


@dataclass(slots=True)
class Module:
    """What stands at the top of a module."""

    names: Names = field(default_factory=dict)
    #: By the name under which they are asked for.
    fixtures: dict[str, ast.FunctionDef] = field(default_factory=dict)
    steps: int = 0

    def step(self) -> None:
        """Count one statement; raises ReadingError where there were too many."""
        self.steps += 1
        if self.steps > _MAX_STEPS:
            raise ReadingError("The module takes too long to read.")


def module_of(tree: ast.Module) -> Module:
    """The names of a module that can be followed."""
    module = Module()
    for node in tree.body:
        match node:
            case ast.Import() | ast.ImportFrom():
                module.names.update(_imported(node))
            case ast.FunctionDef(decorator_list=[]):
                module.names[node.name] = node
            case ast.FunctionDef():
                if (decorator := syntax.fixture(node)) is not None:
                    module.fixtures[syntax.keyword_text(decorator, "name") or node.name] = node
            case ast.Assign(targets=[ast.Name(name)], value=value):
                _bind(module.names, name, value)
    return module


def _bind(names: Names, name: str, value: ast.expr) -> None:
    """A name that is bound to more than one thing is nothing; the SDK's are what they say."""
    if not isinstance(names.get(name), Sdk):
        names[name] = None if name in names else _text(value, names)


def claims_of(module: Module, check: ast.FunctionDef) -> tuple[Group, ...]:
    """What a check claims; nothing of what cannot be read.

    Raises ReadingError, and RecursionError for text that is nested more deeply than anybody writes.
    """
    fixtures = _Fixtures(module)
    body = _Reader(module)
    body.run(check.body, fixtures.names_in(check))
    return tuple(group for group in (*fixtures.groups(), body.group()) if group.claims)


class _Fixtures:
    """The fixtures of one check, each followed once."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._values: dict[str, Value] = {}
        self._followed: list[tuple[_Reader, bool]] = []

    def names_in(self, function: ast.FunctionDef) -> Names:
        """The module's names and the function's arguments."""
        names: Names = dict(self._module.names)
        given = set(syntax.parametrised(function))
        for argument in (*function.args.args, *function.args.kwonlyargs):
            name = argument.arg
            # A fixture that asks for its own name asks for the one that it takes the place of.
            is_itself = self._module.fixtures.get(name) is function
            names[name] = None if name in given else self._value(name, is_itself=is_itself)
        return names

    def groups(self) -> Iterator[Group]:
        """What they claim."""
        for reader, is_shared in self._followed:
            yield reader.group(is_shared=is_shared)

    def _value(self, name: str, *, is_itself: bool) -> Value:
        fixture = self._module.fixtures.get(name)
        if fixture is None or is_itself:
            return Client.SDK if name in _CLIENTS else None
        if name not in self._values:
            # While it is followed: for fixtures that ask for each other, which pytest refuses.
            self._values[name] = None
            reader = _Reader(self._module)
            value = reader.run(fixture.body, self.names_in(fixture))
            is_own = name == "api" and value is not Client.SDK
            self._values[name] = Client.OWN if is_own else value
            self._followed.append((reader, syntax.is_shared(fixture)))
        return self._values[name]


@dataclass(slots=True)
class _Reader:
    """Follows one function."""

    module: Module
    _asked: list[Asked] = field(default_factory=list)
    _depth: int = 0
    _result: Value = None

    def group(self, *, is_shared: bool = False) -> Group:
        """What was found, in its order."""
        found = (
            Claim(
                one.line,
                one.method,
                one.path.pattern,
                one.path.shown,
                one.statuses,
                one.held,
                one.is_repeated,
            )
            for one in self._asked
        )
        return Group(tuple(found), is_shared)

    def run(self, body: Sequence[ast.stmt], names: Names) -> Value:
        """Follow a function's statements; gives what it returns or yields."""
        outer, self._result = self._result, None
        for statement in body:
            if not self._goes_on(statement, names):
                break
        result, self._result = self._result, outer
        return result

    def _goes_on(self, statement: ast.stmt, names: Names) -> bool:
        """Follow one statement; says whether the next one always runs too."""
        self.module.step()
        match statement:
            case ast.Return(value=value) | ast.Expr(value=ast.Yield(value=value)):
                self._result = self._value(value, names)
                return False
            case (
                ast.Assign(targets=[ast.Name(name)], value=value)
                | ast.AnnAssign(target=ast.Name(name), value=value)
            ):
                names[name] = self._value(value, names)
            case ast.Expr(value=value):
                self._value(value, names)
            case ast.Assert(test=test):
                self._assert(test, names)
            case ast.FunctionDef(name=name, decorator_list=[]):
                names[name] = statement
            case ast.Import() | ast.ImportFrom():
                names.update(_imported(statement))
            case _:
                self._compound(statement, names)
        return not syntax.leaves(statement)

    def _compound(self, statement: ast.stmt, names: Names) -> None:
        # What is bound in it has another value, now or later, or none.
        rebound = dict.fromkeys(syntax.bound(statement))
        inside: Names = names | rebound
        for always in syntax.always(statement):
            if isinstance(always, ast.expr):
                self._loop(statement, self._value(always, inside), inside)
            elif not self._goes_on(always, inside):
                break
        names.update(rebound)

    def _loop(self, statement: ast.stmt, over: Value, inside: Names) -> None:
        """Follow a loop over the answers to generated requests: there is one at least."""
        match statement, over:
            case ast.For(target=ast.Name(name), body=body), Asked(is_generated=True):
                inside[name] = over
                over.is_repeated = all(isinstance(each, ast.Expr | ast.Assert) for each in body)
                for each in body:
                    if not self._goes_on(each, inside):
                        break

    def _assert(self, test: ast.expr, names: Names) -> None:
        """Follow an assertion, and take from it what it says about a status."""
        is_all = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)
        for part in test.values if is_all and isinstance(test, ast.BoolOp) else [test]:
            response, known = syntax.status_in(part)
            answered = self._value(response, names)
            if isinstance(answered, Asked) and known:
                answered.statuses &= known
                answered.held |= {_ASSERTION}

    def _value(self, expression: ast.expr | None, names: Names) -> Value:
        """Follow an expression in the order of its evaluation; gives what is known of it."""
        match expression:
            case ast.Name(name):
                return names.get(name)
            case ast.NamedExpr(target=ast.Name(name), value=value):
                names[name] = self._value(value, names)
                return names[name]
            case ast.Attribute(value=owner, attr=name):
                return _attribute(self._value(owner, names), name)
            case ast.Call():
                return self._call(expression, names)
            case ast.expr():
                for part in syntax.parts(expression):
                    self._value(part, names)
                return _text(expression, names)
        return None

    def _call(self, call: ast.Call, names: Names) -> Value:
        function = call.func
        owner = self._value(function.value, names) if isinstance(function, ast.Attribute) else None
        given = [self._value(argument, names) for argument in call.args]
        named = {word.arg: self._value(word.value, names) for word in call.keywords}
        if isinstance(function, ast.Attribute):
            if isinstance(owner, Client):
                return self._request(call, owner, function.attr, _Given(given, named))
            called = _attribute(owner, function.attr)
        else:
            called = self._value(function, names)
        if isinstance(called, Sdk) and called.name in _LOCATED:
            place = Text(claims.ANY_PATH, "an address that was answered")
            return self._ask(call, Client.SDK, "GET", place)
        if isinstance(called, Sdk):
            return self._use(call, called.name, _Given(given, named))
        if isinstance(called, ast.FunctionDef):
            return self._helper(called, _Given(given, named))
        return None

    def _use(self, call: ast.Call, name: str, given: _Given) -> Value:
        """A function of the SDK; of a list that it reads, expectations may follow."""
        first = given.at(0)
        if isinstance(first, Asked):
            first.statuses &= _expected(call, name)
            first.held |= {name}
        if isinstance(first, Client) and name == _GENERATING:
            asked = self._ask_any(call, first, _Given(given.positional[1:], given.named))
            asked.is_generated = True
            return asked
        if isinstance(first, Client) and name in _OBTAINING:
            asked = self._ask(call, first, _OBTAINING[name], given.at(1, "path_template"))
            asked.statuses, asked.held = _SUCCESS, frozenset({name})
            return asked if name == _LISTING else None
        return None

    def _request(self, call: ast.Call, client: Client, name: str, given: _Given) -> Value:
        """A request of the client."""
        if name in _METHODS:
            return self._ask(call, client, name, given.at(0, "path_template"))
        return self._ask_any(call, client, given) if name == "request" else None

    def _ask_any(self, call: ast.Call, client: Client, given: _Given) -> Asked:
        """A request whose method is an argument."""
        method = given.at(0, "method")
        known = method.shown if isinstance(method, Text) and method.shown.isalpha() else ""
        return self._ask(call, client, known, given.at(1, "path_template"))

    def _ask(self, call: ast.Call, client: Client, method: str, place: Value) -> Asked:
        path = place if isinstance(place, Text) else Text(claims.ANY_PATH, "a path")
        asked = Asked(call.lineno, method.upper(), path)
        if client is Client.OWN:
            asked.method, asked.path = "", Text(claims.ANY_PATH, path.shown)
        self._asked.append(asked)
        return asked

    def _helper(self, function: ast.FunctionDef, given: _Given) -> Value:
        """Follow a function of the module where it is called."""
        if self._depth >= _MAX_DEPTH or syntax.is_generator(function):
            # Calling a generator runs nothing of it.
            return None
        arguments = [argument.arg for argument in function.args.args]
        names: Names = self.module.names | dict.fromkeys(arguments)
        names |= dict(zip(arguments, given.positional, strict=False))
        names |= {name: value for name, value in given.named.items() if name is not None}
        self._depth += 1
        result = self.run(function.body, names)
        self._depth -= 1
        return result


@dataclass(frozen=True, slots=True)
class _Given:
    """The arguments of a call."""

    positional: Sequence[Value]
    named: Mapping[str | None, Value]

    def at(self, position: int, name: str = "") -> Value:
        """One argument, by its place or its name."""
        if position < len(self.positional):
            return self.positional[position]
        return self.named.get(name)


def _attribute(owner: Value, name: str) -> Value:
    return Sdk(f"{owner.name}.{name}".lstrip(".")) if isinstance(owner, Sdk) else None


def _text(expression: ast.expr, names: Names) -> Text | None:
    """What is known of a text: all of it, or the parts around what is put into it."""
    match expression:
        case ast.Constant(value=str(text)):
            return Text(claims.path_of(text), text)
        case ast.Name(name):
            known = names.get(name)
            return known if isinstance(known, Text) else None
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            # What is put in may hold anything, so that only the beginning is sure.
            return Text(claims.path_of(text) + claims.ANY_PATH, ast.unparse(expression))
    return None


def _expected(call: ast.Call, name: str) -> frozenset[int]:
    """The statuses with which an expectation holds."""
    if name not in _GIVEN:
        return _EXPECTED.get(name, _STATUSES)
    known = [syntax.statuses(argument) for argument in call.args[1:]]
    if not known:
        return _SUCCESS
    return frozenset().union(*known) if all(known) else _STATUSES


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Value]]:
    """The names that an import binds, and what they are if they are the SDK's."""
    for alias in node.names:
        bound = alias.asname or alias.name
        if isinstance(node, ast.Import):
            yield bound, Sdk("") if alias.name == "testops" else None
        else:
            place = _PLACES.get(node.module or "")
            yield bound, None if place is None else Sdk(f"{place}{alias.name}")
