"""Figures and moments in the words of a page; pure functions, used as template filters."""

from __future__ import annotations

import datetime as dt

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
#: Past this many days a date says more than a distance.
_DAYS = 14


def ago(moment: dt.datetime, now: dt.datetime) -> str:
    """How long ago a moment was: "5 minutes ago"; a date where that is more than two weeks."""
    seconds = (now - moment).total_seconds()
    if seconds < 10:  # noqa: PLR2004 - clocks differ by a little; nobody counts seconds
        return "just now"
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute"), (1, "second")):
        count = int(seconds // unit)
        if count >= _DAYS and name == "day":
            break
        if count:
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return f"{moment:%Y-%m-%d}"


def stamp(moment: dt.datetime) -> str:
    """A moment in full, in UTC."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def duration(seconds: float) -> str:
    """A duration in the unit that fits: "12 ms", "3.4 s", "2 min 5 s"."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), _MINUTE)
    return f"{minutes} min {rest} s"


def first_line(text: str) -> str:
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
