"""Which faults are on: the table of all, and the reading of `DEMO_FAULTS`."""

from __future__ import annotations

from collections.abc import Sequence

from demo.faults import Fault, answers, edges, inputs, state

FAULTS: Sequence[Fault] = (*answers.FAULTS, *inputs.FAULTS, *state.FAULTS, *edges.FAULTS)


def chosen(setting: str) -> tuple[Fault, ...]:
    """The faults a setting names: "all", "none" or names with commas between them.

    Raises ValueError with the names that are no faults.
    """
    if setting.strip() in {"all", "none"}:
        return tuple(FAULTS) if setting.strip() == "all" else ()
    names = {name.strip() for name in setting.split(",") if name.strip()}
    unknown = names - {fault.name for fault in FAULTS}
    if unknown:
        raise ValueError(f"There is no fault {', '.join(sorted(unknown))}.")
    return tuple(fault for fault in FAULTS if fault.name in names)


def table(switched_on: Sequence[Fault]) -> str:
    """All faults, one per line: whether it is on, its name, its operation and what it does."""
    name_width = max(len(fault.name) for fault in FAULTS)
    operation_width = max(len(fault.operation) for fault in FAULTS)
    return "\n".join(
        f"{'on ' if fault in switched_on else 'off'}  {fault.name:{name_width}}  "
        f"{fault.operation:{operation_width}}  {fault.summary}"
        for fault in FAULTS
    )
