"""Checks of an option's value; each raises OptionError that names the option."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from bridge.transport.errors import OptionError

Choice = TypeVar("Choice", bound=StrEnum)


def text(name: str, value: object) -> str:
    """A text, possibly empty."""
    if not isinstance(value, str):
        raise OptionError(f"The transport option {name} must be text.")
    return value


def filled(name: str, value: object) -> str:
    """A text that is not empty."""
    if not text(name, value):
        raise OptionError(f"The transport option {name} must not be empty.")
    return text(name, value)


def one_of(choices: type[Choice]) -> Callable[[str, object], Choice]:
    """A reader of one of these words."""

    def read(name: str, value: object) -> Choice:
        try:
            return choices(text(name, value))
        except ValueError as error:
            known = ", ".join(choices)
            raise OptionError(f"The transport option {name} must be one of: {known}.") from error

    return read


def switch(name: str, value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise OptionError(f"The transport option {name} must be true or false.")
    return value


def count(name: str, value: object) -> int:
    """A whole number above 0."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise OptionError(f"The transport option {name} must be a whole number above 0.")
    return value


def number(name: str, value: object) -> int:
    """A whole number, 0 or more."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise OptionError(f"The transport option {name} must be a whole number, 0 or more.")
    return value


def factor(name: str, value: object) -> int:
    """A whole number above 0, or -1 for the broker's default."""
    return -1 if value == -1 else count(name, value)


def seconds(name: str, value: object) -> float:
    """A time, 0 or more."""
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise OptionError(f"The transport option {name} must be seconds, 0 or more.")
    return float(value)


def some_seconds(name: str, value: object) -> float:
    """A time above 0."""
    if not seconds(name, value):
        raise OptionError(f"The transport option {name} must be more than 0 seconds.")
    return seconds(name, value)


def texts(name: str, value: object) -> Mapping[str, str]:
    """Names and values; the values become text."""
    return {key: str(each) for key, each in mapping(name, value).items()}


def mapping(name: str, value: object) -> Mapping[str, Any]:
    """Names and values."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise OptionError(f"The transport option {name} must map names to values.")
    return dict(value)
