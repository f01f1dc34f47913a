"""Takes a module apart into its docstring, imports, values, fixtures, checks and what else it has.

No byte is lost: the parts and the tail, one after the other, are the source. A comment right above
a statement is the statement's, and an indented one below it as well; any other is a part by itself.
"""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.scripts import names
from app.errors import InvalidInputError

#: As Python counts lines; other characters that `str.splitlines` splits at are no line ends.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Kind(StrEnum):
    """What a part of a module is."""

    DOCSTRING = "docstring"
    IMPORT = "import"
    VALUE = "value"
    FIXTURE = "fixture"
    CHECK = "check"
    FUNCTION = "function"
    CLASS = "class"
    STATEMENT = "statement"
    COMMENT = "comment"
    #: All of it, where it cannot be taken apart.
    MODULE = "module"


@dataclass(frozen=True, slots=True)
class Part:
    """Some whole lines of a module that belong together."""

    #: Unique in the module: "test_missing_body", "from testops", "docstring".
    key: str
    kind: Kind
    #: Blank lines before it.
    gap: str
    text: str
    #: The line break after it; empty where the source ends without one.
    end: str
    #: Names it binds at the top level, and names it may mean.
    binds: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Module:
    """A source, taken apart."""

    parts: tuple[Part, ...]
    #: Blank lines after the last part.
    tail: str

    def text(self) -> str:
        """The source again."""
        return "".join(each.gap + each.text + each.end for each in self.parts) + self.tail


@dataclass(frozen=True, slots=True)
class _Span:
    """Lines from `start` up to `end`, counted from 0; without statements they are comments."""

    start: int
    end: int
    statements: tuple[ast.stmt, ...] = ()


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends, as Python counts them."""
    return _LINE.findall(text)


def parse(source: str) -> ast.Module:
    """The syntax tree; raises InvalidInputError with the line that is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        raise InvalidInputError(
            f"The script is not Python: {error.msg}.", where=f"line {error.lineno or 1}"
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise InvalidInputError("The script cannot be read as Python.", where="script") from error


def split(source: str) -> Module:
    """The parts of a source; raises InvalidInputError where it is no Python, or nested too deep."""
    tree = parse(source)
    try:
        return _split(tree, lines_of(source))
    except RecursionError as error:
        raise InvalidInputError("The script is nested too deeply.", where="script") from error


def _split(tree: ast.Module, lines: Sequence[str]) -> Module:
    spans = list(_spans(tree, lines))
    position, found = 0, []
    for span in spans:
        gap, text = "".join(lines[position : span.start]), "".join(lines[span.start : span.end])
        found.append(_part(span, gap, text, is_first=span.statements == (*tree.body[:1],)))
        position = span.end
    return Module(tuple(_numbered(found)), "".join(lines[position:]))


def _spans(tree: ast.Module, lines: Sequence[str]) -> Iterator[_Span]:
    position = 0
    for span in _statements(tree, lines):
        *comments, last = [*_inked(lines, position, span.start), _Span(span.start, span.start)]
        if comments and comments[-1].end == span.start:
            last = comments.pop()
        yield from comments
        yield replace(span, start=last.start)
        position = span.end
    yield from _inked(lines, position, len(lines))


def _statements(tree: ast.Module, lines: Sequence[str]) -> Iterator[_Span]:
    """The statements; those that share a line are one."""
    spans: list[_Span] = []
    for node in tree.body:
        start, end = _first_line(node) - 1, node.end_lineno or node.lineno
        if spans and start < spans[-1].end:
            spans[-1] = replace(spans[-1], end=end, statements=(*spans[-1].statements, node))
        else:
            spans.append(_Span(start, end, (node,)))
    limits = [*(span.start for span in spans[1:]), len(lines)]
    for span, limit in zip(spans, limits, strict=False):
        yield replace(span, end=_with_comments(lines, span.end, limit))


def _first_line(node: ast.stmt) -> int:
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    return min((node.lineno, *(each.lineno for each in decorators)))


def _with_comments(lines: Sequence[str], end: int, limit: int) -> int:
    """Where a statement ends with the indented comments below it."""
    indented = (place for place in range(end, limit) if _is_indented_comment(lines[place]))
    return max(indented, default=end - 1) + 1


def _is_indented_comment(line: str) -> bool:
    return line[0] in " \t" and line.lstrip().startswith("#")


def _inked(lines: Sequence[str], start: int, end: int) -> Iterator[_Span]:
    """The runs of lines that are not blank."""
    first: int | None = None
    for place in range(start, end):
        if not lines[place].strip():
            if first is not None:
                yield _Span(first, place)
            first = None
        elif first is None:
            first = place
    if first is not None:
        yield _Span(first, end)


def _part(span: _Span, gap: str, whole: str, *, is_first: bool) -> Part:
    text = whole.rstrip("\r\n")
    end = whole[len(text) :]
    bound = tuple(dict.fromkeys(names.bound(span.statements)))
    kind = _kind(span.statements, is_first=is_first)
    key = _key(kind, span.statements, bound, text)
    return Part(key, kind, gap, text, end, bound, names.used(span.statements))


def _kind(statements: Sequence[ast.stmt], *, is_first: bool) -> Kind:
    if len(statements) != 1:
        return Kind.STATEMENT if statements else Kind.COMMENT
    [node] = statements
    if isinstance(node, _FUNCTIONS):
        return _kind_of_function(node)
    if is_first and ast.get_docstring(ast.Module([node], []), clean=False) is not None:
        return Kind.DOCSTRING
    simple: Sequence[tuple[type[ast.stmt], Kind]] = (
        (ast.Import, Kind.IMPORT),
        (ast.ImportFrom, Kind.IMPORT),
        (ast.Assign, Kind.VALUE),
        (ast.AnnAssign, Kind.VALUE),
        (ast.ClassDef, Kind.CLASS),
    )
    return next((kind for type_, kind in simple if isinstance(node, type_)), Kind.STATEMENT)


def _kind_of_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Kind:
    marks = {ast.unparse(each).partition("(")[0] for each in node.decorator_list}
    if marks & {"fixture", "pytest.fixture"}:
        return Kind.FIXTURE
    return Kind.CHECK if node.name.startswith("test") else Kind.FUNCTION


def _key(kind: Kind, statements: Sequence[ast.stmt], bound: Sequence[str], text: str) -> str:
    if kind is Kind.DOCSTRING:
        return kind.value
    if kind is Kind.IMPORT:
        return ast.unparse(statements[0]).partition(" import ")[0]
    if bound:
        return ", ".join(bound)
    return f"{kind} {hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _numbered(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts, those that have a key in common told apart."""
    seen: Counter[str] = Counter()
    for part in parts:
        seen[part.key] += 1
        times = seen[part.key]
        yield part if times == 1 else replace(part, key=f"{part.key} ({times})")
