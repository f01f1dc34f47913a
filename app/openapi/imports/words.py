"""Splits a shell script into commands and words, as far as a copied command line needs it.

Quotes, escapes and comments are those of POSIX (XCU 2.2) and ANSI-C quoting (`$'…'`) that of bash.
Nothing is expanded: a variable or a command in a word stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

_TOKEN = re.compile(
    r"""(?P<space>(?:[ \t\r\f\v\xa0]|[\\^`]\r?\n)+)
    | (?P<comment>(?<![^\s;&|])\#[^\n]*)
    | (?P<end>\n|;|&&?|\|\|?)
    | \$'(?P<ansi>(?:[^'\\]|\\.)*)'
    | '(?P<single>[^']*)'
    | "(?P<double>(?:[^"\\]|\\.)*)"
    | \\(?P<escaped>.)
    | (?P<plain>[^ \t\r\f\v\xa0\n'"\\;&|$\#]+|[$\#]|\\$)""",
    re.VERBOSE | re.DOTALL,
)
_DOUBLE = re.compile(r'\\(["\\$`])|\\\r?\n')
_ANSI = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}

#: A browser's "copy as cURL (cmd)": there a caret takes the meaning from what follows it.
_CARETS = re.compile(r"\s\^\"https?:")
#: How a here-document ends, as it stands after "<<".
_END = re.compile(r"-?[ \t]*(['\"]?)(?P<end>\w+)\1")


def unfolded(text: str) -> str:
    """The script with the carets of Windows undone and here-documents put in their places."""
    if _CARETS.search(text):
        text = re.sub(r"\^\r?\n(\r?\n)?", lambda found: "\n" if found[1] else " ", text)
        text = re.sub(r"\^(.)", r"\1", text)
    return "\n".join(_inlined(text.split("\n"))) if "<<" in text else text


def _inlined(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with each here-document in quotes in place of the "@-" it is read by."""
    last = {line.strip(): number for number, line in enumerate(lines)}
    waiting = iter(enumerate(lines))
    for number, line in waiting:
        before, _, after = line.partition("<<")
        head, at, between = before.rpartition("@-")
        found = _END.match(after)
        if not at or found is None or last.get(found["end"], 0) <= number:
            yield line
            continue
        body = [text for _, text in takewhile(_is_before(found["end"]), waiting)]
        quoted = "\n".join(body).replace("'", "'\\''")
        yield f"{head}'{quoted}'{between}{after[found.end() :]}"


def _is_before(end: str) -> Callable[[tuple[int, str]], bool]:
    return lambda numbered: numbered[1].strip() != end


def commands(text: str) -> Iterator[list[str]]:
    """The commands of a script, each as its words; ValueError for a quote that is left open."""
    words: list[str] = []
    word: str | None = None
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise ValueError(f"a quote is left open in line {text.count(chr(10), 0, place) + 1}")
        place = token.end()
        kind = token.lastgroup or ""
        if kind not in {"space", "comment", "end"}:
            word = (word or "") + _value(kind, token[kind])
            continue
        if word is not None:
            words.append(word)
            word = None
        if kind == "end" and words:
            yield words
            words = []
    if word is not None:
        words.append(word)
    if words:
        yield words


def _value(kind: str, text: str) -> str:
    if kind == "double":
        return _DOUBLE.sub(lambda found: found[1] or "", text)
    return _ANSI.sub(_ansi, text) if kind == "ansi" else text


def _ansi(found: re.Match[str]) -> str:
    if found[1] or found[2]:
        return chr(int(found[1] or found[2], 16))
    if found[3]:
        return chr(int(found[3], 8))
    return _CONTROLS.get(found[4], found[4])
