"""Pages made from the code: what can be set, and what travels over Kafka."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from app import settings
from app.messages import events, topics

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
    """The topics, and the events with their fields."""
    rows = [
        (f"`{t.name}`", f"`{t.dead_letter}`", str(t.partitions), f"{t.retention_hours // 24} days")
        for t in topics.TOPICS
    ]
    return _page(
        "Messages",
        "Commands are Celery tasks on the two queues. Events are JSON; type, id and source lie in "
        "the headers as CloudEvents 1.0 has them (`ce_type`, `ce_id`, `ce_source`).",
        _table(("Topic", "Dead letter", "Partitions", "Kept"), rows),
        *(_event(name, kind) for name, kind in events.TYPES.items()),
    )


def _event(name: str, kind: type[events.DomainEvent]) -> str:
    fields = [(f"`{f.name}`", f"`{_type(f)}`") for f in dataclasses.fields(kind)]
    told = (kind.__doc__ or "").splitlines()[0]
    return f"## `{name}`\n\n{told}\n\n" + _table(("Field", "Type"), fields)


def _type(field: dataclasses.Field[object]) -> str:
    """The annotation as it is written, without the marks for pydantic."""
    text = re.sub(r"Annotated\[(.*?), Field\(.*\)\]", r"\1", " ".join(str(field.type).split()))
    return text.strip().replace("|", "or")


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
