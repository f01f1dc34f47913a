"""Fills a list that is to be checked with three resources, where their creation is obvious."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.ai import links, members, naming, orders, resources, varying
from app.ai.checks.check import Found
from app.ai.material import OperationMaterial
from app.ai.paginating import List
from app.ai.requests import Step
from testops.json_values import Json

#: Neither in this order nor in the other one.
_TEXTS = ("maple", "yarrow", "basil")


def around(found: Found) -> tuple[tuple[Step, ...], dict[str, Json]]:
    """How what the list lies in is obtained."""
    steps = max(found.created(), found.existing(), key=len)
    request = found.with_steps(replace(found.inputs.request, path={}), steps)
    return request.steps, dict(request.path)


def several(found: Found, listing: List) -> tuple[Step, ...]:
    """The steps that create three resources of the list, where that is obvious."""
    shared = found.material.shared
    creation = shared.operation(f"POST {listing.operation.path}")
    pair = resources.made_by(shared, creation) if creation else None
    if creation is None or pair is None:
        return ()
    resource, parameter = pair
    read = shared.operation(f"GET {resource.member}")
    own = OperationMaterial(shared, read or creation, found.material.operation.key)
    step = links.created(own, parameter) if read else None
    if step is None or step.body is None or not isinstance(step.body.value, Mapping):
        return ()
    name = _varied(found, listing, step, step.body.value)
    return (*step.after, _thrice(step, name)) if name else ()


def _varied(found: Found, listing: List, step: Step, body: Mapping[str, Json]) -> str:
    """A text of the creation by which the list shows the three apart: the one it is ordered by."""
    asked = members.asked_of(step, found)
    schemas = found.material.schemas
    texts = [name for name, each in asked.items() if varying.is_text(name, each, schemas)]
    fitting = [name for name in texts if _takes(varying.whole(asked[name], schemas))]
    ordered = {order.name for order in orders.of(found, listing)}
    first = [name for name in fitting if name in ordered]
    sent = [name for name in fitting if name in body]
    return next(iter([*first, *sent]), "")


def _takes(whole: Mapping[str, Json]) -> bool:
    shortest, longest = min(map(len, _TEXTS)), max(map(len, _TEXTS))
    fits = whole.get("minLength", 0) <= shortest and whole.get("maxLength", longest) >= longest
    return bool(fits)


def _thrice(step: Step, name: str) -> Step:
    """The step three times, each with another text."""
    body = replace(step.body, varied=name) if step.body else None
    plural = naming.slug(step.path.rstrip("/").rpartition("/")[2]) or "resources"
    return replace(
        step, variable=f"three_{plural}", body=body, variants=_TEXTS, single=step.variable,
        noun=plural,
    )  # fmt: skip
