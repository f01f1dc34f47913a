"""The tables as a release's code knows them, and what a later schema would break of them.

`python -m tests.deploy.shape` freezes the tables that there are now, as those of the project's
version: part of making a release.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine.reflection import Inspector

from tests.database_fixtures import TEMPLATE, Postgres
from tests.shared_material import ROOT

#: What the release before this one knows.
PATH: Final = ROOT / "migrations" / "released.json"

#: A literal of each type; `{n}` tells rows of different tables apart.
_LITERALS: Final = {
    "VARCHAR": "'x{n}'",
    "TEXT": "'x'",
    "INTEGER": "1",
    "BIGINT": "1",
    "BOOLEAN": "true",
    "DOUBLE PRECISION": "1",
    "TIMESTAMP": "now()",
    "JSONB": "'[]'",
    "BYTEA": "''",
}
#: What a type may become without breaking who writes the old one.
_WIDER: Final = {"INTEGER": {"BIGINT"}, "VARCHAR": {"VARCHAR", "TEXT"}}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as whoever reads and writes it must know it."""

    type: str
    is_nullable: bool
    has_default: bool
    #: Whether the database alone gives it a value.
    is_generated: bool = False

    @property
    def family(self) -> str:
        return self.type.partition("(")[0]

    @property
    def length(self) -> int | None:
        _, _, rest = self.type.partition("(")
        return int(rest.rstrip(")")) if rest.rstrip(")").isdigit() else None


@dataclass(frozen=True, slots=True)
class Table:
    """A table; each rule is columns, a kind, and what they refer to."""

    columns: Mapping[str, Column]
    rules: tuple[str, ...]
    #: Column → the table whose `id` it holds.
    parents: Mapping[str, str]


Tables = Mapping[str, Table]


def of_database(connection: Connection, *names: str) -> Tables:
    """The tables as they are, or some of them; never Alembic's own."""
    found = inspect(connection)
    there = set(found.get_table_names()) - {"alembic_version"}
    return {name: _table(found, name) for name in sorted(there & set(names or there))}


def _table(found: Inspector, name: str) -> Table:
    columns = {
        column["name"]: Column(
            _spelt(column["type"]),
            column["nullable"],
            column["default"] is not None or "identity" in column,
            "identity" in column,
        )
        for column in found.get_columns(name)
    }
    foreign = found.get_foreign_keys(name)
    rules = [f"unique {', '.join(sorted(r['column_names']))}"
             for r in found.get_unique_constraints(name)]  # fmt: skip
    rules += [f"check {rule['sqltext']}" for rule in found.get_check_constraints(name)]
    rules += [f"foreign key {', '.join(key['constrained_columns'])} {key['referred_table']}"
              for key in foreign]  # fmt: skip
    rules += [
        f"unique {', '.join(sorted(filter(None, index['column_names'])))}"
        for index in found.get_indexes(name)
        if index["unique"] and not index.get("duplicates_constraint")
    ]
    parents = {key["constrained_columns"][0]: key["referred_table"] for key in foreign}
    primary = ", ".join(found.get_pk_constraint(name)["constrained_columns"])
    return Table(columns, tuple(sorted([*rules, f"primary {primary}"])), parents)


def _spelt(kind: Any) -> str:  # noqa: ANN401 - of SQLAlchemy's many kinds
    return str(kind.compile()) if not hasattr(kind, "astext_type") else "JSONB"


@dataclass(frozen=True, slots=True)
class Frozen:
    """The tables of a release."""

    version: str
    #: Of its newest migration.
    revision: str
    tables: Tables


def released() -> Frozen:
    """The tables of the release before this one; before the first one, of what it will be."""
    told = json.loads(PATH.read_text())
    tables = {name: _read(table) for name, table in told["tables"].items()}
    return Frozen(told["version"], told["revision"], tables)


def _read(table: dict[str, Any]) -> Table:
    columns = {name: Column(**column) for name, column in table["columns"].items()}
    return Table(columns, tuple(table["rules"]), table["parents"])


def broken(old: Tables, new: Tables) -> Iterator[str]:
    """What code that knows the old tables cannot do with the new ones, or would read wrongly."""
    for name, before in old.items():
        if (after := new.get(name)) is None:
            yield f"{name} is gone"
            continue
        yield from (f"{name}.{wrong}" for wrong in _columns(before, after))
        for rule in sorted(set(after.rules) - set(before.rules)):
            if not _is_of_new_columns(rule, before):
                yield f"{name}: new rule {rule}"


def _columns(before: Table, after: Table) -> Iterator[str]:
    for name, column in before.columns.items():
        now = after.columns.get(name)
        if now is None:
            yield f"{name} is gone"
        else:
            yield from (f"{name} {wrong}" for wrong in _changed(column, now))
    for name in after.columns.keys() - before.columns.keys():
        added = after.columns[name]
        if not (added.is_nullable or added.has_default):
            yield f"{name} is new, must be given and has no default"


def _changed(before: Column, after: Column) -> Iterator[str]:
    if after.family != before.family and after.family not in _WIDER.get(before.family, ()):
        yield f"is {after.type}, was {before.type}"
    elif before.length is not None and after.length is not None and after.length < before.length:
        yield f"is shorter: {after.type}, was {before.type}"
    if before.is_nullable and not after.is_nullable:
        yield "must be given now"
    if after.is_nullable and not before.is_nullable:
        yield "may be NULL now, which nobody expects"
    if before.has_default and not after.has_default:
        yield "has lost its default"


def _is_of_new_columns(rule: str, before: Table) -> bool:
    """Whether a rule concerns only columns that old code leaves to their defaults or NULL."""
    if rule.startswith(("check", "primary")):
        return False
    told = rule.removeprefix("unique ").removeprefix("foreign key ")
    named = told.rsplit(" ", 1)[0] if rule.startswith("foreign") else told
    return not set(named.split(", ")) & before.columns.keys()


def statements(tables: Tables) -> Iterator[str]:
    """What code that knows these tables says: a row into each, read, changed and deleted."""
    order = _parents_first(tables)
    for number, name in enumerate(order):
        columns = [key for key, known in tables[name].columns.items() if not known.is_generated]
        values = [_literal(tables, name, column, order, number) for column in columns]
        named = ", ".join(f'"{column}"' for column in columns)
        yield f'INSERT INTO "{name}" ({named}) VALUES ({", ".join(values)})'  # noqa: S608 - our own names
        yield f'SELECT {named} FROM "{name}"'  # noqa: S608 - the same
        same = ", ".join(f'"{column}" = "{column}"' for column in columns)
        yield f'UPDATE "{name}" SET {same}'  # noqa: S608 - the same
    yield from (f'DELETE FROM "{name}"' for name in reversed(order))  # noqa: S608 - the same


def _literal(tables: Tables, table: str, column: str, order: list[str], number: int) -> str:
    parent = tables[table].parents.get(column)
    known = tables[table].columns[column]
    if parent is None:
        return _LITERALS[known.family].format(n=number)
    if known.is_nullable and order.index(parent) >= number:
        return "NULL"
    return f"'x{order.index(parent)}'"


def _parents_first(tables: Tables) -> list[str]:
    """Tables, each after those that its columns must refer to."""
    order: list[str] = []
    while len(order) < len(tables):
        ready = [
            name
            for name in sorted(tables.keys() - set(order))
            if all(
                parent in order or tables[name].columns[column].is_nullable
                for column, parent in tables[name].parents.items()
            )
        ]
        order += ready or sorted(tables.keys() - set(order))
    return order


def revision_of(connection: Connection) -> str:
    """The newest migration that a database has."""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def _version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return str(project["project"]["version"])


def main() -> None:
    """Freeze the tables of the newest migration."""
    folder = Path(tempfile.mkdtemp(prefix="testops-pg-"))
    running = Postgres(folder)
    try:
        with create_engine(
            running.url(TEMPLATE).replace("postgresql:", "postgresql+psycopg2:")
        ).connect() as connection:
            told = {
                "version": _version(),
                "revision": revision_of(connection),
                "tables": {
                    name: dataclasses.asdict(table)
                    for name, table in of_database(connection).items()
                },
            }
        PATH.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    finally:
        running.admin.dispose()
        running.server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
