"""Figures and moments in the words of a page; pure functions, used as template filters."""

from __future__ import annotations

import datetime as dt

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
#: From here on a date says more than a distance.
_LONG_AGO = 14 * _DAY
#: Clocks differ by a little, and nobody counts these.
_JUST_NOW = 10

_UNITS = ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute"), (1, "second"))


def ago(moment: dt.datetime, now: dt.datetime) -> str:
    """How long ago a moment was: "5 minutes ago"; a date where that is two weeks or more."""
    seconds = (now - moment).total_seconds()
    if seconds < _JUST_NOW:
        return "just now"
    if seconds >= _LONG_AGO:
        return f"{moment:%Y-%m-%d}"
    unit, name = next(found for found in _UNITS if seconds >= found[0])
    count = int(seconds // unit)
    return f"{count} {name}{'s' if count > 1 else ''} ago"


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
