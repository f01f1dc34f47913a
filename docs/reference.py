"""Pages made from the code: what can be set, and what travels over Kafka."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from app import settings
from app.domain import plans
from app.messages import codec, commands, events, topics

ROOT = Path(__file__).resolve().parent.parent

#: One setting in .env.example: comment lines, then the assignment, itself perhaps commented out.
ENTRY = re.compile(
    r"^(?P<comment>(?:#(?! ?[A-Z_]+=).*\n)+)#? ?(?P<name>[A-Z_]+)=(?P<value>.*)$", re.MULTILINE
)


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """One variable as .env.example explains it."""

    name: str
    #: The value that the example gives; often the default.
    value: str
    explanation: str


def explained(text: str) -> Iterator[Setting]:
    """The variables that a text in the form of .env.example explains."""
    for found in ENTRY.finditer(text):
        lines = [line.removeprefix("#").strip() for line in found["comment"].splitlines()]
        yield Setting(found["name"], found["value"].strip(), " ".join(filter(None, lines)))


def settings_page() -> str:
    """Every variable of .env.example, and which process reads it."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    runner = {f"{settings.PREFIX}{name.upper()}" for name in settings.RunnerSettings.model_fields}
    rows = [
        (f"`{item.name}`", f"`{item.value}`" if item.value else "", item.explanation)
        for item in explained(example)
    ]
    return _page(
        "Settings",
        "Environment variables; `.env.example` is this list as a file. The runner reads only "
        + _list(f"`{item.name}`" for item in explained(example) if item.name in runner)
        + ".",
        _table(("Variable", "Example", "What it does"), rows),
    )


def messages_page() -> str:
    """The topics, and what lies on them with its JSON Schema."""
    rows = [
        (f"`{t.name}`", f"`{t.dead_letter}`", str(t.partitions), f"{t.retention_hours // 24} days")
        for t in topics.TOPICS
    ]
    return _page(
        "Messages",
        _MESSAGES,
        _table(("Topic", "Dead letter", "Partitions", "Kept"), rows),
        "## Commands",
        *(_schema(name, kind) for name, kind in commands.ARGUMENTS.items()),
        _schema("sealed_shard", plans.Shard),
        "## Events",
        *(_schema(name, kind) for name, kind in events.TYPES.items()),
    )


#: How messages are wrapped.
_MESSAGES = """\
Commands are Celery tasks on the two queues, by name; their arguments are given by keyword. Events
are CloudEvents 1.0 in Kafka's binary mode: JSON, with `ce_specversion`, `ce_id`, `ce_type` and
`ce_source` in the headers, without which they are not read. Events of one run or generation have
one key and keep their order.

The W3C trace context of the request that all goes back to is the header `traceparent` of commands
and `ce_traceparent` of events. Each process that takes one up logs its `trace_id`.

A field may be added to a version of an event if it has a default, and what a reader does not know
it passes over. Any other change makes a new version beside the old one, which is read on."""


def _schema(name: str, kind: type[object]) -> str:
    told = (kind.__doc__ or "").splitlines()[0]
    return f"### `{name}`\n\n{told}\n\n```json\n{codec.schema(kind)}\n```"


def _page(title: str, introduction: str, *parts: str) -> str:
    mark = "<!-- Made by `make docs`; change the code instead. -->"
    return "\n\n".join((f"# {title}", mark, introduction, *parts)) + "\n"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _list(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}"


#: File name in this folder → what makes its text.
PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "messages.md": messages_page,
}
