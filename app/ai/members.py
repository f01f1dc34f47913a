"""The resource that an operation works on, as other operations of the description show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.ai import answers, inputs, links, naming, quoting, reading, resources, varying
from app.ai.answers import Entity
from app.ai.checks import success
from app.ai.checks.check import Found
from app.ai.material import OperationMaterial
from app.ai.quoting import Expression, literal
from app.ai.requests import Body, Request, Step
from app.ai.scenarios import Line
from app.openapi.model import Content, Operation, Parameter, Schema
from testops.contract import essence
from testops.json_values import Json

#: Bodies that say what to do rather than what to be (RFC 6902).
_PATCHES = frozenset({"application/json-patch+json"})
_ACCEPTED = "202"
_IDS = frozenset({"id", "_id", "uuid", "guid"})


@dataclass(frozen=True, slots=True)
class Member:
    """One resource that a check creates for itself, and how it is read."""

    found: Found
    #: The placeholder that names it.
    parameter: Parameter
    #: The step that creates it comes last.
    steps: tuple[Step, ...]
    #: The operation that reads it; None where none does.
    reading: Operation | None
    #: Placeholders → the variables of the steps.
    path: Mapping[str, Json]

    @property
    def template(self) -> str:
        """The path that names it."""
        return self.reading.path if self.reading else self.found.material.operation.path

    @property
    def creation(self) -> Step:
        """What creates it."""
        return self.steps[-1]

    def read(self) -> Request:
        """The request that reads it."""
        return Request("GET", self.template, path=self.path)

    def asked(self, body: Body | None = None) -> Request:
        """The operation's own request, of this resource."""
        request = self.found.with_steps(self.found.inputs.request, {})
        return Request(
            request.method,
            request.path_template,
            path={**request.path, **self.path},
            query=request.query,
            headers=request.headers,
            cookies=request.cookies,
            body=body or request.body,
        )

    def is_named_by(self, name: str) -> bool:
        """Whether a property is the id that stands in the path."""
        return name.lower() in _IDS or naming.plain(name) == naming.plain(self.parameter.name)

    def own_id(self, body: Mapping[str, Json]) -> Mapping[str, Json]:
        """Of a body's properties those that name it, as the path does."""
        return {n: self.path[self.parameter.name] for n in body if self.is_named_by(n)}

    def entity(self, names: Collection[str]) -> Entity | None:
        """Where reading answers properties of some names."""
        schemas = self.found.material.schemas
        return answers.entity(self.reading, schemas, names) if self.reading else None


def of(found: Found) -> Member | None:
    """The resource at the operation's own path; None where none can be created."""
    path = found.material.operation.path.rstrip("/")
    return acted_on(found) if path.endswith("}") else None


def acted_on(found: Found) -> Member | None:
    """The resource that the last placeholder of the operation's path names."""
    operation = found.material.operation
    steps = found.created()
    names = [each.name for each in found.path_parameters]
    if not names or set(steps) != set(names) or is_later(operation):
        return None
    last = reading.placeholders(operation.path)[-1]
    creation = found.material.shared.operation(f"POST {steps[last].path}")
    if creation is None or is_later(creation):
        return None
    ordered = found.with_steps(Request("GET", operation.path), steps)
    return Member(
        found,
        next(each for each in found.path_parameters if each.name == last),
        tuple(sorted(ordered.steps, key=lambda step: step.variable == steps[last].variable)),
        readable(found, resources.member_of(operation.path, last)),
        ordered.path,
    )


def made(found: Found) -> Member | None:
    """The resource that the operation creates; None where it is not read anywhere."""
    shared = found.material.shared
    pair = resources.made_by(shared, found.material.operation)
    if pair is None:
        return None
    resource, parameter = pair
    read = readable(found, resource.member)
    if read is None or is_later(resource.creation):
        return None
    own = OperationMaterial(shared, read, found.material.operation.key)
    step = links.created(own, parameter)
    if step is None:
        return None
    path = {**step.values, parameter.name: Expression(step.variable)}
    if set(reading.placeholders(resource.member)) - path.keys():
        return None
    return Member(found, parameter, tuple(step.chain()), read, path)


def is_later(operation: Operation) -> bool:
    """Whether it may be done after it was answered (RFC 9110, section 15.3.3)."""
    return any(each.status == _ACCEPTED for each in operation.responses)


def sent(found: Found) -> Mapping[str, Json] | None:
    """The operation's JSON body, where it is an object that says what the resource is to be."""
    body, place = found.inputs.request.body, found.inputs.content
    if found.inputs.lacking or body is None or place is None or body.argument != "json":
        return None
    if essence(found.material.contents[place].media_type) in _PATCHES:
        return None
    return body.value if isinstance(body.value, Mapping) else None


def content(found: Found) -> Content:
    """The content of which `sent` is made."""
    return found.material.contents[found.inputs.content or 0]


def asked_of(step: Step, found: Found) -> Mapping[str, Schema]:
    """The schemas of what a creation is asked with."""
    shared, operation = found.material.shared, found.material.operation
    creation = shared.operation(f"POST {step.path}")
    own = OperationMaterial(shared, creation or operation, operation.key)
    place = inputs.gathered(own).content
    return {} if place is None else varying.properties(own.contents[place].schema, own.schemas)


def succeeds(request: Request, operation: Operation, needs: str = "") -> Line:
    """The statement that a request gets a documented success."""
    statuses = "".join(f", {each}" for each in success.statuses(operation))
    return Line(f"expect.success({{}}{statuses}{_because(needs)})", (request,))


def succeeded(operation: Operation, needs: str = "", name: str = "response") -> Line:
    """The same of an answer, which was asked for before."""
    statuses = "".join(f", {each}" for each in success.statuses(operation))
    return Line(f"expect.success({name}{statuses}{_because(needs)})")


def code(source: str) -> str:
    """Source as it stands in the text of a line, where braces have a meaning."""
    return source.replace("{", "{{").replace("}", "}}")


def text_of(operation: Operation) -> str:
    """What the description says of an operation, in lower case."""
    return f"{operation.summary} {operation.description}".lower()


def spoken(name: str) -> str:
    """A property for people."""
    return quoting.prose(name, 60)


def _because(needs: str) -> str:
    return f", needs={code(literal(needs))}" if needs else ""


def readable(found: Found, path: str) -> Operation | None:
    """The operation that reads at a path, where it asks for nothing else."""
    operation = found.material.shared.operation(f"GET {path}")
    if operation is None or answers.content(operation) is None:
        return None
    others = (each for each in operation.parameters if each.location != "path")
    return None if any(each.required for each in others) else operation
