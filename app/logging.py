"""Logs: one line for each event, as JSON or for a terminal, without secrets.

Events are named `noun.verb_past` and carry fields. What libraries log through the standard
library takes the same way.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Protocol, TextIO

import structlog

REDACTED = "[redacted]"

#: Names of fields and headers whose values are secret.
_SECRET_NAME = re.compile(
    r"passw(or)?d|secret|token|authori[sz]ation|cookie|api[-_]?key|credential|private[-_]?key"
    r"|sealed",
    re.IGNORECASE,
)
#: User information of a URL (RFC 3986, section 3.2.1), and what follows an auth scheme.
_SECRET_TEXT = (
    (re.compile(r"(?<=://)[^/\s@]+(?=@)"), REDACTED),
    (re.compile(r"(?<=\bBearer )[A-Za-z0-9+/_.=~-]{6,}", re.IGNORECASE), REDACTED),
    (re.compile(r"(?<=\bBasic )[A-Za-z0-9+/=]{6,}", re.IGNORECASE), REDACTED),
    # The platform's own tokens; metrics and databases have shorter names.
    (re.compile(r"\btestops_[A-Za-z0-9_-]{40,}"), REDACTED),
)


class Choices(Protocol):
    """What an installation chooses; `app.settings` has it."""

    @property
    def log_level(self) -> str:
        """DEBUG, INFO, WARNING or ERROR."""
        ...

    @property
    def log_format(self) -> str:
        """One of: json, console."""
        ...


def redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace secrets in an event's fields, at any depth: a processor of structlog."""
    for name, value in event.items():
        event[name] = _redacted(name, value)
    return event


def _redacted(name: str, value: object) -> object:
    if isinstance(value, str | bytes | int | float) and _SECRET_NAME.search(name):
        return REDACTED
    if isinstance(value, str):
        return _redacted_text(value)
    if isinstance(value, Mapping):
        return {key: _redacted(str(key), item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_redacted(name, item) for item in value]
    return value


def _redacted_text(text: str) -> str:
    for pattern, replacement in _SECRET_TEXT:
        text = pattern.sub(replacement, text)
    return text


def configure(settings: Choices, *, process: str = "", stream: TextIO | None = None) -> None:
    """Send every log event of this process to `stream` (standard error by default)."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.clear_contextvars()
    if process:
        structlog.contextvars.bind_contextvars(process=process)
    _install(_formatter(settings, shared), settings.log_level, stream or sys.stderr)


def _formatter(
    settings: Choices, shared: Sequence[structlog.typing.Processor]
) -> logging.Formatter:
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            redact,
            renderer,
        ],
    )


def _install(formatter: logging.Formatter, level: str, stream: TextIO) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
