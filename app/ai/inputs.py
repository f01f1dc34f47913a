"""Gathers the inputs of an operation: the request that should succeed, and what it rests on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from app.ai import answers, bodies, quoting, reading, serialising, uniqueness
from app.ai.errors import NoValueError
from app.ai.material import OperationMaterial
from app.ai.requests import Body, Request
from app.openapi.model import Parameter
from testops.json_values import Json

#: How many made-up inputs are named; more would not be read.
_MAX_NAMED = 5


@dataclass(slots=True)
class Inputs:
    """What was found for an operation."""

    #: The request with all required inputs, and the documented ones.
    request: Request
    #: Path parameters whose values name something that the target may not hold.
    resources: list[str] = field(default_factory=list)
    #: Other inputs that were made up, or that refer to something the target may not hold.
    made_up: list[str] = field(default_factory=list)
    #: Required inputs without a value, each with why.
    lacking: list[str] = field(default_factory=list)
    #: Parameter name → the names it is sent under.
    sent_as: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    #: Index of the chosen content; None where no body is sent.
    content: int | None = None

    def needs(self, obtained: Collection[str] = ()) -> str:
        """What a success rests on beyond the description, but for the resources obtained first."""
        needs = [self.resource_needs(obtained)]
        if self.made_up:
            names = ", ".join(quoting.prose(name, 40) for name in self.made_up[:_MAX_NAMED])
            needs.append(f"values the API takes for {names}")
        return " and ".join(need for need in needs if need)

    def resource_needs(self, obtained: Collection[str] = ()) -> str:
        """The resources a request rests on: "an existing petId"."""
        names = [name for name in self.resources if name not in obtained]
        return " and ".join(_named(quoting.prose(name, 40)) for name in names)


def _named(name: str) -> str:
    return f"an existing {name}" if reading.is_id(name) else f"a value for {name} that exists"


def gathered(material: OperationMaterial) -> Inputs:
    """The inputs of an operation; what has no value is named in `lacking`."""
    key = ("inputs", material.operation.key, material.purpose)
    known = material.shared.remembered.get(key)
    if not isinstance(known, Inputs):
        known = material.shared.remembered[key] = _gathered(material)
    return known


def _gathered(material: OperationMaterial) -> Inputs:
    operation = material.operation
    inputs = Inputs(Request(operation.method, operation.path))
    parts: dict[str, dict[str, Json]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for place, parameter in enumerate(material.parameters):
        if parameter.location not in parts:
            inputs.lacking.append(f"{spoken(parameter)}: only a form is sent as query")
        elif parameter.required or parameter.examples:
            parts[parameter.location].update(_parameter(material, inputs, parameter, place))
    if _may_lack(material):
        inputs.resources.append(operation.path.rpartition("/")[2])
    inputs.request = Request(
        operation.method,
        operation.path,
        path=parts["path"],
        query=parts["query"],
        headers={name: serialising.text(value) for name, value in parts["header"].items()},
        cookies=parts["cookie"],
        body=_body(material, inputs),
    )
    return inputs


def _may_lack(material: OperationMaterial) -> bool:
    """Whether what an existing resource has one of need not be there: GET /users/{id}/avatar."""
    operation = material.operation
    is_part = "{" in operation.path and operation.path.rpartition("/")[2].isidentifier()
    may_be_missing = any(each.status == "404" for each in operation.responses)
    is_list = answers.listing(operation, material.schemas) is not None
    return operation.method == "GET" and is_part and may_be_missing and not is_list


def _parameter(
    material: OperationMaterial, inputs: Inputs, parameter: Parameter, place: int
) -> Mapping[str, Json]:
    try:
        made = material.values.make(
            parameter.schema,
            parameter.name,
            examples=parameter.examples,
            accepts=material.accepts(f"/parameters/{place}"),
        )
        sent = serialising.flat(parameter, made.value)
        be_sendable(parameter, sent)
    except NoValueError as error:
        if parameter.required:
            inputs.lacking.append(f"{spoken(parameter)}: {error}")
        return {}
    inputs.sent_as[parameter.location, parameter.name] = frozenset(sent)
    if parameter.location == "path" and (made.invented or reading.is_id(parameter.name)):
        inputs.resources.append(parameter.name)
    elif made.invented or reading.is_id(parameter.name):
        inputs.made_up.append(parameter.name)
    return sent


def spoken(parameter: Parameter) -> str:
    """A parameter for people: "query parameter limit"."""
    return f"{parameter.location} parameter {quoting.prose(parameter.name, 60)}"


def be_sendable(parameter: Parameter, sent: Mapping[str, Json]) -> None:
    """Raise NoValueError for what a path, header or cookie cannot carry."""
    for name, value in sent.items():
        text = serialising.text(value)
        if parameter.location == "path" and not text:
            raise NoValueError("an empty text has no place in a path")
        if parameter.location == "header" and not _is_header(name, text):
            raise NoValueError("no header can carry the value")
        if parameter.location == "cookie" and not _is_cookie(name, text):
            raise NoValueError("no cookie can carry the value")


def _is_header(name: str, text: str) -> bool:
    return quoting.is_token(name) and quoting.is_header_text(text)


def _is_cookie(name: str, text: str) -> bool:
    return quoting.is_token(name) and quoting.is_cookie_text(text)


def _body(material: OperationMaterial, inputs: Inputs) -> Body | None:
    documented = material.operation.body
    if documented is None or material.operation.method in _BODILESS:
        return None
    reasons = []
    for content in bodies.usable(documented.contents):
        place = material.contents.index(content)
        try:
            sent = _sent(material, inputs, place)
        except NoValueError as error:
            reasons.append(str(error))
            continue
        inputs.content = place
        return sent
    if documented.required:
        reason = reasons[0] if reasons else "no body is made of its media types"
        inputs.lacking.append(f"request body: {reason}")
    return None


#: Methods whose requests carry no body of any meaning (RFC 9110, section 9.3).
_BODILESS = frozenset({"GET", "HEAD", "TRACE", "CONNECT"})


def _sent(material: OperationMaterial, inputs: Inputs, place: int) -> Body:
    content = material.contents[place]
    if not bodies.is_made(content):
        inputs.made_up.append("the request body")
        return bodies.plain(content)
    made = material.values.make(
        content.schema,
        "body",
        examples=content.examples,
        accepts=material.accepts(f"/contents/{place}"),
    )
    body = bodies.laid_out(content, made.value, material.schemas)
    if body is None:
        raise NoValueError("a form is made of an object only")
    # A PUT or PATCH that carries an id speaks of a resource; a POST may choose the id.
    is_change = material.operation.method in {"PUT", "PATCH"}
    references = reading.references_in(made.value, with_id=is_change)
    inputs.made_up.extend(dict.fromkeys((*content.needs, *made.invented, *references)))
    return replace(body, fresh=_fresh(material, place, made.value, body))


def _fresh(material: OperationMaterial, place: int, value: Json, body: Body) -> tuple[str, ...]:
    if body.argument != "json":
        return ()
    schema = material.contents[place].schema
    accepts = material.accepts(f"/contents/{place}")
    return uniqueness.names(material.operation, schema, value, material.schemas, accepts)
