"""Finds in a text what an API must not give away: stack traces, keys, passwords in addresses."""

from __future__ import annotations

import re

#: As much of a text is searched.
_MAX_SEARCHED = 100_000
#: What it is → how it looks: traces as the usual runtimes print them. Each is bounded, so that no
#: text makes the search slow.
_PATTERNS = {
    "stack trace": re.compile(
        r"Traceback \(most recent call last\)"
        r"|^[ \t]{1,40}at [\w.$<>/]{1,200}\([\w$]{1,100}\.(?:java|kt|scala):\d{1,9}\)"
        r"|^[ \t]{1,40}at .{1,200}\.[cm]?[jt]s:\d{1,9}:\d{1,9}"
        r"|^[ \t]{1,40}at .{1,200} in .{1,200}:line \d"
        r"|^goroutine \d{1,20} \[\w"
        r"|^#\d{1,9} .{1,200}\.php\(\d{1,9}\)"
        r"|\.rb:\d{1,9}:in [`']",
        re.MULTILINE,
    ),
    "private key": re.compile(r"-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----"),
    "password": re.compile(r"\b[a-z][a-z0-9+]{1,20}://[^\s:/@]{1,100}:[^\s:/@]{1,100}@[\w.-]"),
}


def found_in(text: str) -> str:
    """What a text gives away, in words; empty where that is nothing known."""
    start = text[:_MAX_SEARCHED].replace("\\n", "\n")
    return next((what for what, pattern in _PATTERNS.items() if pattern.search(start)), "")
