"""What every kind of check is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.ai import links
from app.ai.inputs import Inputs
from app.ai.material import OperationMaterial
from app.ai.quoting import Expression
from app.ai.requests import Request, Step
from app.openapi.model import Parameter, Response
from testops.json_values import Json


@dataclass(frozen=True, slots=True)
class Check:
    """One test function, before it becomes source."""

    #: What its name is made of: "missing query limit".
    name: str
    #: What it proves, one sentence.
    intent: str
    #: JSON pointer to the place in the description that demands it.
    source: str
    request: Request
    #: The function of `testops.expect` that judges the answer: "success", "refused", "denied" ….
    expectation: str
    #: What it is given besides the answer: statuses, and then anything else.
    statuses: tuple[int, ...] = ()
    arguments: tuple[Json, ...] = ()
    #: What was made up, so that a refusal decides nothing.
    needs: str = ""
    #: Why the check cannot run as it stands; empty where it can.
    skip: str = ""
    #: What the user who asks must not be: "admin".
    role: str = ""
    #: A request that must succeed before, so that a refusal of `request` is due to what differs.
    before: Request | None = None
    #: What `before` rests on.
    before_needs: str = ""
    #: Whether the answer may be the server's own rather than the operation's, as where no operation
    #: takes the method or the path; then it is not held against what the operation documents.
    is_of_server: bool = False
    #: A request whose answer the expectation takes as well.
    beside: Request | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the kinds of check are written from."""

    material: OperationMaterial
    inputs: Inputs

    @property
    def path_parameters(self) -> list[Parameter]:
        """The parameters in the path."""
        return [each for each in self.material.parameters if each.location == "path"]

    def documented(self, status: int) -> Response | None:
        """The answer that is documented for exactly this status."""
        answers = self.material.operation.responses
        return next((each for each in answers if each.status == str(status)), None)

    def with_steps(self, request: Request, steps: dict[str, Step]) -> Request:
        """The request with ids that steps obtain first."""
        obtained = {name: Expression(step.variable) for name, step in steps.items()}
        chains = (each for step in steps.values() for each in step.chain())
        ordered = tuple({each.variable: each for each in chains}.values())
        return replace(request, path={**request.path, **obtained}, steps=ordered)

    def existing(self) -> dict[str, Step]:
        """Parameter name → the step that takes its value from a list, where that is obvious."""
        steps = {each.name: links.existing(self.material, each) for each in self.path_parameters}
        return {name: step for name, step in steps.items() if step}

    def created(self) -> dict[str, Step]:
        """Parameter name → the step that creates what it names, where that is obvious."""
        steps = {each.name: links.created(self.material, each) for each in self.path_parameters}
        return {name: step for name, step in steps.items() if step}
