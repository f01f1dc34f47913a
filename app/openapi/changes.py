"""What is different between two versions of a description, operation by operation."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from app.openapi.model import ApiDescription, Operation
from testops import contract


@dataclass(frozen=True, slots=True)
class Changes:
    """The operations by their keys, each list in the order of the description that has them."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    #: Asked, answered or described in another way, be it by a schema they share.
    changed: tuple[str, ...] = ()

    @property
    def is_any(self) -> bool:
        """Whether an operation is different at all."""
        return bool(self.added or self.removed or self.changed)


def between(old: ApiDescription, new: ApiDescription) -> Changes:
    """What came, went or changed; where a part stands in the document makes no difference."""
    before = {operation.key: operation for operation in old.operations}
    after = {operation.key: operation for operation in new.operations}
    touched = _touched(old, new)
    return Changes(
        added=tuple(key for key in after if key not in before),
        removed=tuple(key for key in before if key not in after),
        changed=tuple(
            key
            for key, operation in after.items()
            if key in before and _is_changed(before[key], operation, touched)
        ),
    )


def _is_changed(old: Operation, new: Operation, touched: Collection[str]) -> bool:
    said = _said(new)
    return _said(old) != said or any(name in touched for name in contract.references(said))


def _touched(old: ApiDescription, new: ApiDescription) -> set[str]:
    """The schemas that are different, or lead to one that is."""
    names = old.schemas.keys() | new.schemas.keys()
    touched = {name for name in names if old.schemas.get(name) != new.schemas.get(name)}
    users: dict[str, set[str]] = {}
    for name, schema in new.schemas.items():
        for target in contract.references(schema):
            users.setdefault(target, set()).add(name)
    waiting = list(touched)
    while waiting:
        further = users.get(waiting.pop(), set()) - touched
        touched |= further
        waiting.extend(further)
    return touched


def _said(part: object) -> object:
    """What a part of an operation says, as plain values; not where it stands."""
    if dataclasses.is_dataclass(part):
        return dict(_fields(part))
    if isinstance(part, tuple):
        return [_said(each) for each in part]
    return part


def _fields(part: object) -> Iterator[tuple[str, object]]:
    slots: Mapping[str, object] = getattr(type(part), "__dataclass_fields__", {})
    for name in slots:
        if name != "pointer":
            yield name, _said(getattr(part, name))
