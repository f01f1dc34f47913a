"""From JSON text to a tree, its size and depth measured before the parser sees it (RFC 8259)."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

from app.openapi import limits
from app.openapi.tree import Json

#: The closing quote is optional, so that a string left open is passed over once, not once a quote.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def parse(text: str) -> Json:
    """The tree of a JSON text, lone surrogates replaced by U+FFFD.

    NaN and the infinities are read as Python does; whoever uses a number looks. ValueError with a
    reason when the text is not JSON; OverflowError when it is larger or deeper than the limits.
    """
    depth = _measure(text)
    if depth > limits.MAX_SHARED_STACK_DEPTH:
        with ThreadPoolExecutor(max_workers=1) as fresh:
            tree: Json = fresh.submit(json.loads, text).result()
    else:
        tree = json.loads(text)
    if _SURROGATE_ESCAPE.search(text):
        tree = _without_surrogates(tree)
    return tree


def _measure(text: str) -> int:
    """The text's deepest nesting; OverflowError beyond the limits."""
    skeleton = _STRING.sub("", text).encode("ascii", "ignore")
    if sum(skeleton.count(mark) for mark in (b",", b"[", b"{")) > limits.MAX_VALUES:
        raise OverflowError(f"more than {limits.MAX_VALUES:,} values")
    depth = deepest = 0
    for bracket in skeleton.translate(None, _NO_BRACKET):
        depth += 1 if bracket in b"[{" else -1
        if not depth:
            break
        deepest = max(deepest, depth)
        if deepest > limits.MAX_JSON_DEPTH:
            raise OverflowError(f"nested deeper than {limits.MAX_JSON_DEPTH} levels")
    return deepest


def _without_surrogates(tree: Json) -> Json:
    """The same tree, changed in place, with text that can be written as UTF-8."""
    top: list[Json] = [tree]
    pending: list[list[Json] | dict[str, Json]] = [top]
    while pending:
        container = pending.pop()
        if isinstance(container, dict):
            renamed = {_SURROGATE.sub("\ufffd", key): value for key, value in container.items()}
            container.clear()
            container.update(renamed)
        places = container.items() if isinstance(container, dict) else enumerate(container)
        for key, value in list(places):
            if isinstance(value, str) and _SURROGATE.search(value):
                container[key] = _SURROGATE.sub("\ufffd", value)  # type: ignore[index,call-overload]
            elif isinstance(value, dict | list):
                pending.append(value)
    return top[0]
