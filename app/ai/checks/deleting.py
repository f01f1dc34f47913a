"""What is deleted is gone: 404 or 410 where it was read, and no longer in the list.

RFC 9110, section 9.3.5. Left out where the description speaks of something else than removal. What
lies below a deleted resource's path goes with it; what lies elsewhere, where the words say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.ai import answers, links, members, naming, paginating, reading, resources
from app.ai.checks.check import Found
from app.ai.material import OperationMaterial
from app.ai.members import Member
from app.ai.quoting import Expression
from app.ai.requests import Request, Step
from app.ai.scenarios import Line, Scenario, Value
from app.openapi.model import Operation

#: Words by which a DELETE says that something of it stays readable, or goes later.
_STAYS = re.compile(
    r"\bsoft|\barchiv|\bcancel|\bdeactivat|\bdisabl|\btrash|\bbin\b|\brecycl|\btombstone|\bschedul"
    r"|\basync|\beventual|\bmark(?:s|ed)?\b|\bflag|\bclose[sd]?\b|\brestor|\bhid(?:e|den)\b|\bexpire"
    r"|\bunlink|\bqueue",
    re.IGNORECASE,
)
#: Properties by which a resource says that it is deleted.
_MARKS = frozenset({"deleted", "isdeleted", "deletedat", "archived", "archivedat", "removedat"})
#: Words that take back what a text seems to say.
_NEGATED = re.compile(
    r"\bnot\b|\bnever\b|\bkeep|\bkept\b|\bstays?\b|\bremain|\bmove[sd]?\b|\borphan|\bunless\b|\bexcept"
    r"|\bwithout\b|\bonly\b|\bif\b",
    re.IGNORECASE,
)


def checks(found: Found) -> Iterator[Scenario]:
    """The checks of a deletion; none where nothing is created that may be deleted."""
    operation = found.material.operation
    member = members.of(found) if operation.method == "DELETE" else None
    if member is None or found.inputs.lacking or not _removes(member):
        return
    yield from _gone(found, member)
    yield from _unlisted(found, member)
    yield from _below(found, member)


def _removes(member: Member) -> bool:
    """Whether the description leaves no doubt that nothing remains."""
    operation = member.found.material.operation
    shown = answers.schema(member.reading, member.found.material.schemas) if member.reading else {}
    marks = {naming.plain(name) for name in shown.get("properties", {})} & _MARKS
    return not (marks or _STAYS.search(members.text_of(operation)))


def _gone(found: Found, member: Member) -> Iterator[Scenario]:
    if member.reading is None:
        return
    yield Scenario(
        name="deleted is gone",
        intent="What was deleted is not found any more.",
        source=_source(found),
        lines=(
            _deleted(found, member),
            Line("response = {}", (member.read(),)),
            Line(""),
            Line("expect.not_found(response)"),
        ),
        steps=member.steps,
    )


def _unlisted(found: Found, member: Member) -> Iterator[Scenario]:
    listing = paginating.of(found.material, member.creation.path)
    item = listing.item if listing else {}
    name = resources.id_in(item, member.parameter, found.material.schemas)
    if listing is None or name is None:
        return
    one = Value({name: Expression(member.creation.variable)}, "id")
    yield Scenario(
        name="deleted is not listed",
        intent="What was deleted is not in the list any more.",
        source=_source(found),
        lines=(
            _deleted(found, member),
            Line(f"items = {listing.all_of()}"),
            Line(""),
            Line("state.none_holds(items, {})", (one,)),
        ),
        steps=member.steps,
    )


def _below(found: Found, member: Member) -> Iterator[Scenario]:
    """What belonged to the deleted resource is gone with it."""
    for child, read in _children(found, member):
        template = read.path
        noun = child.noun.replace("_", " ")
        request = Request("GET", template, path={**child.values, **_own(child, template)})
        path = {n: v for n, v in request.path.items() if n in reading.placeholders(template)}
        yield Scenario(
            name=f"deleted with its {noun}",
            intent=f"With what was deleted its {noun} is not found any more.",
            source=found.material.operation.pointer,
            lines=(
                _deleted(found, member),
                Line("response = {}", (replace(request, path=path),)),
                Line(""),
                Line("expect.not_found(response)"),
            ),
            steps=(*member.steps, child),
        )


def _own(child: Step, template: str) -> Mapping[str, Expression]:
    return {reading.placeholders(template)[-1]: Expression(child.variable)}


def _children(found: Found, member: Member) -> Iterator[tuple[Step, Operation]]:
    """What is created below the resource and read on its own, where that has to go too."""
    shared = found.material.shared
    top = found.material.operation.path
    for creation in shared.creations:
        if not creation.path.startswith(f"{top}/") or "{" in creation.path[len(top) :]:
            continue
        pair = resources.made_by(shared, creation)
        if pair is None:
            continue
        resource, parameter = pair
        lies_below = resource.member.startswith(f"{top}/")
        read = shared.operation(f"GET {resource.member}")
        if read is None or not (lies_below or _says(found, resource.member)):
            continue
        own = OperationMaterial(shared, read, found.material.operation.key)
        child = links.created(own, parameter)
        if child and member.creation.variable in {each.variable for each in child.chain()}:
            yield child, read


def _says(found: Found, member: str) -> bool:
    """Whether the words of the deletion say that these go too: "Delete a project and its tasks"."""
    words = members.text_of(found.material.operation)
    collection = re.escape(resources.collection_of(member).rpartition("/")[2].lower())
    joined = rf"\b(?:and|with|including|plus)\s+(?:\w+\s+){{0,3}}{collection}\b"
    return bool(re.search(joined, words)) and not _NEGATED.search(words)


def _deleted(found: Found, member: Member) -> Line:
    needs = found.inputs.needs([each.name for each in found.path_parameters])
    return members.succeeds(member.asked(), found.material.operation, needs)


def _source(found: Found) -> str:
    main = next(answers.successes(found.material.operation), None)
    return main.pointer if main else found.material.operation.pointer
