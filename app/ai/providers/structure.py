"""The form in which a model has to answer; its texts are part of what the model is told."""

from __future__ import annotations

import json

from pydantic import BaseModel, Field

from app.ai.providers.provider import ProposedCheck


class CheckText(BaseModel):
    """One check to be added."""

    name: str = Field(description="The function's name: test_ and lower-case words.")
    intent: str = Field(description="What it proves about the API, in one sentence.")
    pointer: str = Field(
        description="JSON pointer into the description, of the place that demands it: #/paths/…"
    )
    code: str = Field(description="Python source: import lines if needed, and the one function.")


class Proposal(BaseModel):
    """The checks to be added to the module."""

    checks: list[CheckText]

    def proposed(self) -> tuple[ProposedCheck, ...]:
        """As the rest of the platform knows them."""
        return tuple(
            ProposedCheck(each.name, each.intent, each.pointer, each.code) for each in self.checks
        )


#: What a model is told of the form, to tell one version of it from another.
SCHEMA = json.dumps(Proposal.model_json_schema(), sort_keys=True)
