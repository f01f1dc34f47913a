"""The words of Python that a proposed check may use: what is not listed here is refused.

The cage is what keeps a script to its own; this list keeps what a description may have talked a
model into from getting that far. It has no way to files, modules, attributes that begin with an
underscore, or anything that is found by a text at run time.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

#: Module → what may be imported from it. Not the modules themselves: some lead to `os` and `sys`.
IMPORTS: Mapping[str, frozenset[str]] = {
    "testops": frozenset(
        {
            *("Api", "Json", "Pages", "Response", "created", "existing", "expect", "fresh"),
            *("linked", "listed", "led_to", "located", "replaced", "state", "without"),
        }
    ),
    "collections": frozenset({"Counter"}),
    "datetime": frozenset({"UTC", "date", "datetime", "time", "timedelta", "timezone"}),
    "decimal": frozenset({"Decimal"}),
    "json": frozenset({"dumps", "loads"}),
    "math": frozenset({"ceil", "floor", "inf", "isclose", "isfinite", "isnan"}),
    "re": frozenset({"findall", "fullmatch", "match", "search"}),
    "urllib.parse": frozenset({"parse_qs", "quote", "urlsplit"}),
    "uuid": frozenset({"UUID", "uuid4"}),
}
#: What may be called of the two modules of expectations.
EXPECTATIONS: Mapping[str, frozenset[str]] = {
    "expect": frozenset(
        {
            *("documented", "success", "preferred", "refused", "not_found", "denied", "lacks"),
            *("not_allowed", "options", "like_get"),
        }
    ),
    "state": frozenset(
        {
            *("holds", "lacks", "not_taken", "not_obtained", "unchanged", "located", "led_to"),
            *("each_holds", "some_holds", "none_holds", "ordered", "complete", "counted"),
        }
    ),
}
BUILTINS = frozenset(
    {
        *("abs", "all", "any", "bool", "dict", "divmod", "enumerate", "filter", "float"),
        *("frozenset", "int", "isinstance", "len", "list", "map", "max", "min", "object", "range"),
        *("repr", "reversed", "round", "set", "sorted", "str", "sum", "tuple", "type", "zip"),
    }
)
#: Attributes that do more than they seem to: a template can read any attribute by its name.
FORBIDDEN_ATTRIBUTES = frozenset({"format", "format_map", "close"})
#: The SDK's fixtures: clients, each of another user.
CLIENTS = frozenset({"api", "other"})

_STATEMENTS = (*(ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Assert, ast.If, ast.For),)
_EXPRESSIONS = (
    *(ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict),
    *(ast.Set, ast.List, ast.Tuple, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    *(ast.Compare, ast.Call, ast.FormattedValue, ast.JoinedStr, ast.Constant, ast.Attribute),
    *(ast.Subscript, ast.Starred, ast.Name, ast.Slice),
)
_SMALL = (
    *(ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop),
    *(ast.arguments, ast.arg, ast.keyword, ast.comprehension, ast.alias),
)
#: Every kind of node that may be inside of a check's function.
NODES = (*_STATEMENTS, *_EXPRESSIONS, *_SMALL)
