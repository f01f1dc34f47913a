"""From YAML text to a tree, event by event: no recursion, no constructors, no surprises.

Scalars follow the core schema of YAML 1.2: dates, "25:00:00", "yes" and "=" are text. Mapping keys
are text as written, so 200 and "200" are one key. Aliases share one value; their written-out size
is counted, so a bomb is refused before anybody walks it. Merge keys ("<<") work as in YAML 1.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from app.openapi import limits, tree
from app.openapi.problems import Problems
from app.openapi.tree import Json

#: What libyaml refuses although Unicode has it; found in real descriptions as encoding debris.
_REFUSED = re.compile("[\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,3000}")
_OCTAL = re.compile(r"0o[0-7]{1,3000}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
#: libyaml where PyYAML was built with it: ten times as fast.
_Parser: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YAML = "tag:yaml.org,2002:"
#: Tags that say what would be read anyway, or whose text is kept as it is.
_TEXT_TAGS = frozenset({"!", *(_YAML + name for name in ("str", "binary", "timestamp", "value"))})
_KNOWN_TAGS = _TEXT_TAGS | {
    _YAML + name
    for name in ("map", "seq", "set", "omap", "pairs", "int", "float", "bool", "null", "merge")
}


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not come."""

    value: dict[str, Json] | list[Json]
    anchor: str | None
    #: What it counts, aliases written out.
    size: int = 1
    key: str | None = None
    key_is_merge: bool = False
    merged: list[Json] = field(default_factory=list)


def parse(text: str, *, document: str, problems: Problems) -> Json:
    """The tree of the first YAML document in a text.

    Repeated keys (the last one counts), anchors that contain themselves and further documents are
    noted as problems. ValueError with a reason when the text is not YAML or has a tag that asks for
    more than plain data; OverflowError when it is larger or deeper than the limits.
    """
    parser = _Parser(_REFUSED.sub("\ufffd", text))
    try:
        return _Builder(document, problems).build(parser)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(f"{error.problem or error.context}{place}") from error
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    finally:
        parser.dispose()


class _Builder:
    def __init__(self, document: str, problems: Problems) -> None:
        self._document = document
        self._problems = problems
        self._stack: list[_Open] = []
        self._values: dict[str, Json] = {}
        self._sizes: dict[str, int] = {}
        self._open_anchors: set[str] = set()
        self._root: Json = None
        self._done = False
        self._total = 0

    def build(self, parser: yaml.SafeLoader | yaml.CSafeLoader) -> Json:
        while True:
            event = parser.get_event()
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._start(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent) and self._done:
                self._note("Only the first YAML document was read; there are more.")
                return self._root
            elif isinstance(event, yaml.DocumentEndEvent):
                self._done = True
            elif isinstance(event, yaml.StreamEndEvent):
                return self._root

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        _check_tag(event)
        if len(self._stack) >= limits.MAX_YAML_DEPTH:
            raise OverflowError(f"nested deeper than {limits.MAX_YAML_DEPTH} levels")
        if self._expects_key():
            raise ValueError(f"a key that is no plain text{_place(event)}")
        self._spend(1)
        if event.anchor:
            self._open_anchors.add(event.anchor)
        value: dict[str, Json] | list[Json] = (
            {} if isinstance(event, yaml.MappingStartEvent) else []
        )
        self._stack.append(_Open(value, event.anchor))

    def _end(self) -> None:
        closed = self._stack.pop()
        if isinstance(closed.value, dict):
            self._merge(closed.value, closed.merged)
        if closed.anchor:
            self._open_anchors.discard(closed.anchor)
            self._remember(closed.anchor, closed.value, closed.size)
        self._put(closed.value, closed.size)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        _check_tag(event)
        if self._expects_key():
            value: Json = event.value
            if event.anchor:
                self._remember(event.anchor, value, 1)
            self._key(event.value, merge=event.value == "<<" and event.implicit[0])
            return
        value = _scalar_value(event)
        if event.anchor:
            self._remember(event.anchor, value, 1)
        self._put(value, 1)
        self._spend(1)

    def _alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor
        if name in self._open_anchors:
            self._note(f"The anchor '{name}' contains itself; null stands in its place.")
        elif name not in self._values:
            raise ValueError(f"the alias '*{name}' names no anchor{_place(event)}")
        value = None if name in self._open_anchors else self._values[name]
        if self._expects_key():
            if isinstance(value, dict | list):
                raise ValueError(f"a key that is no plain text{_place(event)}")
            self._key(tree.prose(value), merge=False)
            return
        size = 1 if value is None else self._sizes[name]
        self._spend(size)
        self._put(value, size)

    def _expects_key(self) -> bool:
        top = self._stack[-1] if self._stack else None
        return top is not None and isinstance(top.value, dict) and top.key is None

    def _key(self, key: str, *, merge: bool) -> None:
        top = self._stack[-1]
        top.key = key
        top.key_is_merge = merge
        if key in top.value and not merge:
            self._note(f"The key '{key[:100]}' stands here twice; the last one counts.")

    def _put(self, value: Json, size: int) -> None:
        if not self._stack:
            self._root = value
            return
        top = self._stack[-1]
        top.size += size
        if isinstance(top.value, list):
            top.value.append(value)
            return
        if top.key_is_merge:
            top.merged.extend(value if isinstance(value, list) else [value])
        else:
            top.value[top.key or ""] = value
        top.key = None

    def _merge(self, mapping: dict[str, Json], merged: list[Json]) -> None:
        """Add what merge keys bring, never over what the mapping says itself."""
        for other in merged:
            if not isinstance(other, dict):
                self._note("A merge key '<<' needs a mapping; it was left out.")
                continue
            self._spend(len(other))
            for key, value in other.items():
                mapping.setdefault(key, value)

    def _remember(self, anchor: str, value: Json, size: int) -> None:
        self._values[anchor] = value
        self._sizes[anchor] = size

    def _spend(self, values: int) -> None:
        self._total += values
        if self._total > limits.MAX_VALUES:
            raise OverflowError(
                f"more than {limits.MAX_VALUES:,} values once its aliases are written out"
            )

    def _note(self, message: str) -> None:
        tokens = (tree.escape(open_.key) for open_ in self._stack if open_.key is not None)
        self._problems.add(f"{self._document}#" + "".join(f"/{token}" for token in tokens), message)


def _check_tag(event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
    if event.tag and event.tag not in _KNOWN_TAGS:
        name = event.tag.replace(_YAML, "!!")[:100]
        raise ValueError(f"the tag '{name}'{_place(event)} asks for more than plain data")


def _place(event: yaml.Event) -> str:
    return f" in line {event.start_mark.line + 1}" if event.start_mark else ""


def _scalar_value(event: yaml.ScalarEvent) -> Json:
    text: str = event.value
    if event.tag in _TEXT_TAGS or not (event.implicit[0] or event.tag):
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    return _number(text)


def _number(text: str) -> Json:
    """A number of the core schema, or the text itself."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    if _OCTAL.fullmatch(text):
        return int(text, 0)
    return float(text.replace(".", "")) if _NOT_FINITE.fullmatch(text) else text
