"""Puts scenarios and fixtures into words; `app.ai.rendering` makes modules of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.ai import naming, quoting, requests, symbols
from app.ai.quoting import literal
from app.ai.requests import Body, Step
from app.ai.scenarios import Value
from testops.json_values import Json

#: Source of a value → the constant it is named by.
Constants = Mapping[str, str]
_ARTICLES = dict.fromkeys("aeio", "An")


def steps_of(steps: Sequence[Step], function: str) -> list[Step]:
    """The steps of one kind with all that they rest on, each variable once, in order."""
    chain = (each for step in steps for each in step.chain() if each.function == function)
    return list({each.variable: each for each in chain}.values())


def arguments(steps: Sequence[Step], statements: Sequence[str]) -> str:
    """The parameters of a function that takes what fixtures create.

    What only other fixtures rest on is theirs to ask for.
    """
    own = [step.variable for step in steps_of(steps, "created")]
    rested = {each.variable for step in steps for other in step.after for each in other.chain()}
    doubtful = rested.intersection(own)
    named = symbols.referenced("\n".join(statements), doubtful) if doubtful else doubtful
    asked = [variable for variable in own if variable in named or variable not in rested]
    return "".join(f", {variable}: Json" for variable in asked)


def fixture(step: Step, constants: Constants) -> str:
    """The fixture that creates a resource, and deletes it where the description says how."""
    if step.variants:
        return _several(step, constants)
    kind = "Iterator[Json]" if step.deletion else "Json"
    rested = arguments(step.after, [obtaining(step, constants)])
    head = f"def {step.variable}(api: Api{rested}) -> {kind}:"
    lines = [f'"""{_described(step)}"""']
    if step.deletion:
        path = literal(step.deletion_values)
        lines += [
            f"{step.variable} = {obtaining(step, constants)}",
            f"yield {step.variable}",
            f"api.delete({literal(step.deletion)}, path={path})",
        ]
    else:
        lines.append(f"return {obtaining(step, constants)}")
    body = "\n".join(f"    {line}" for line in lines)
    return f"\n@pytest.fixture\n{head}\n{body}\n"


def obtaining(step: Step, constants: Constants) -> str:
    """The call that obtains something."""
    given = ["api", literal(step.path), literal(step.pointer)]
    if step.values:
        given.append(f"path={literal(step.values)}")
    if step.body:
        given.append(f"{step.body.argument}={body_source(step.body, constants)}")
    if step.body and step.body.media_type:
        given.append(f"headers={literal({'Content-Type': step.body.media_type})}")
    return f"{step.function}({', '.join(given)})"


def body_source(body: Body, constants: Constants) -> str:
    """A body that is sent as a whole, with new texts where these may be there only once."""
    known = named(body.value, constants)
    source = known or literal(body.value)
    if body.varied and known:
        source = f"{{**{source}, {literal(body.varied)}: value}}"
    elif body.varied:
        source = literal({**body.value, body.varied: quoting.Expression("value")})
    return freshened(source, body.fresh)


def named(value: Json, constants: Constants) -> str | None:
    """A value by the name that it has at the top of a module, with what the check obtains put in.

    None where it has none.
    """
    known = constants.get(literal(fixed(value)))
    obtained = requests.obtained_in(value)
    if known is None or not obtained:
        return known
    put = ", ".join(f"{literal(name)}: {each.variable}" for name, each in obtained.items())
    return f"{{**{known}, {put}}}"


def fixed(value: Json) -> Json:
    """A value without what is known to the check only."""
    obtained = requests.obtained_in(value)
    if not obtained:
        return value
    return {name: each for name, each in value.items() if name not in obtained}


def value_source(value: Value, constants: Constants) -> str:
    """A value, as a change of a named one where that is shorter."""
    known = named(value.value, constants)
    if known is None and not isinstance(value.value, quoting.Expression):
        kept = _changed(value)
        return freshened(named(kept, constants) or literal(kept), value.fresh)
    source = known or literal(value.value)
    if value.left_out:
        names = ", ".join(literal(name) for name in value.left_out)
        source = f"without({source}, {names})"
    if value.put_in:
        put = ", ".join(f"{literal(name)}: {literal(each)}" for name, each in value.put_in.items())
        source = f"{{**{source}, {put}}}"
    return freshened(source, value.fresh)


def new_name(step: Step) -> str:
    """What the body of a creation is called at the top of a module: "NEW_PETS"."""
    return step.constant or f"NEW_{naming.slug(step.path.rpartition('/')[2]).upper() or 'RESOURCE'}"


def fixtures(steps: Sequence[Step], constants: Constants) -> Iterator[str]:
    """The fixtures of a module."""
    return (fixture(step, constants) for step in steps_of(steps, "created"))


def _several(step: Step, constants: Constants) -> str:
    """The fixture that creates a resource several times, a property differing."""
    created = obtaining(step, constants)
    lines = [
        f'"""{_described(step)}"""',
        f"values = {literal(list(step.variants))}",
        f"ids = [{created} for value in values]",
        "yield ids",
    ]
    if step.deletion:
        path = literal(step.deletion_values)
        lines.append(f"for {step.single} in ids:")
        lines.append(f"    api.delete({literal(step.deletion)}, path={path})")
    body = "\n".join(f"    {line}" for line in lines)
    head = f"def {step.variable}(api: Api{arguments(step.after, [created])}) -> Iterator[Json]:"
    return f"\n@pytest.fixture\n{head}\n{body}\n"


def _changed(value: Value) -> Json:
    if not isinstance(value.value, Mapping):
        return value.value
    kept = {name: each for name, each in value.value.items() if name not in value.left_out}
    return {**kept, **value.put_in}


def freshened(source: str, names: Sequence[str]) -> str:
    """A body in which some texts are new, where these may be there only once."""
    if not names:
        return source
    return f"fresh({source}, {', '.join(literal(name) for name in names)})"


def _described(step: Step) -> str:
    noun = quoting.prose(step.noun.replace("_", " "), 40) or "resource"
    article = _ARTICLES.get(noun[0], "A")
    if step.variants:
        return f"{len(step.variants)} of {noun}, deleted afterwards."
    return f"{article} {noun}, deleted afterwards." if step.deletion else f"{article} {noun}."
