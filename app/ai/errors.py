"""What stops the writer from writing a check; it becomes a note on the case."""

from __future__ import annotations


class NoValueError(Exception):
    """No value can be made within bounds; the message says why."""
