"""What one user has created, another one neither reads, changes, deletes nor finds in a list.

BOLA, the first of OWASP's API risks (API1:2023). Written only where the description says whose a
resource is; where it says half of that, the check is skipped naming the other half.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.ai import credentials, links, merging, naming, privacy
from app.ai.checks.check import Check, Found
from app.ai.material import OperationMaterial
from app.ai.privacy import Rule, Says
from app.ai.quoting import Expression
from app.ai.requests import Request

#: 404 hides what 403 admits (RFC 9110, section 15.5.4).
_DENIALS = (403, 404)
_VERBS = {"GET": "read", "HEAD": "read", "DELETE": "delete"}
_LEFT_OUT = frozenset({"OPTIONS", "TRACE", "CONNECT"})
#: What a page's size is called, once punctuation is left out.
_SIZES = frozenset({"limit", "perpage", "pagesize", "size", "maxresults"})


def checks(found: Found) -> Iterator[Check]:
    """One for an operation on a resource, one for a list of resources."""
    operation, description = found.material.operation, found.material.description
    if operation.method in _LEFT_OUT or found.inputs.lacking:
        return
    if not credentials.are_asked_for(operation, description):
        return
    rule = privacy.rule(found)
    if rule and rule.says is not Says.NOTHING:
        yield _refusal(found, rule)
    if operation.method == "GET":
        yield from _listing(found)


def _refusal(found: Found, rule: Rule) -> Check:
    verb = _VERBS.get(found.material.operation.method, "change")
    request = found.with_steps(found.inputs.request, rule.steps(found.created()))
    needs = f"Needs a word in the description on whether every user may {verb} it."
    return Check(
        name=f"another user may not {verb}",
        intent=f"What one user has created, another one may not {verb}.",
        source=rule.pointer,
        request=replace(request, client="other"),
        expectation="denied",
        statuses=_DENIALS,
        skip=needs if rule.says is Says.OPEN else "",
    )


def _listing(found: Found) -> Iterator[Check]:
    """That a list does not show what may not be read."""
    member = _member(found)
    rule = privacy.rule(member) if member else None
    if member is None or rule is None or rule.says is not Says.REFUSED:
        return
    [*_, parameter] = member.path_parameters
    if shown := links.existing(member.material, parameter):
        pointer, _, name = shown.pointer.rpartition("/0/")
        operation = found.material.operation
        steps = rule.steps(member.created())
        around = {name: step for name, step in steps.items() if f"{{{name}}}" in operation.path}
        plain = Request("GET", operation.path, query=_largest_page(found))
        request = replace(found.with_steps(plain, around), steps=tuple(rule.step.chain()))
        yield Check(
            name="another users list lacks it",
            intent="What one user has created is in no list of another one.",
            source=rule.pointer,
            request=replace(request, client="other"),
            expectation="lacks",
            arguments=(pointer, name, Expression(rule.step.variable)),
        )


def _member(found: Found) -> Found | None:
    """What reads a member of the collection."""
    shared = found.material.shared
    operation = shared.members.get(found.material.operation.path)
    if operation is None:
        return None
    material = OperationMaterial(shared, operation)
    return Found(material, links.connected(material))


def _largest_page(found: Found) -> dict[str, int]:
    """What asks for as many items as one page may have."""
    for parameter in found.material.parameters:
        whole = merging.merged(parameter.schema, found.material.schemas) or {}
        most = whole.get("maximum")
        is_size = naming.slug(parameter.name).replace("_", "") in _SIZES
        if parameter.location == "query" and is_size and isinstance(most, int):
            return {parameter.name: most}
    return {}
