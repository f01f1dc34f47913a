"""The shapes of REST v1: what is asked with, and what is answered."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.openapi import limits
from app.services import paging, runs, versions

T = TypeVar("T")


class Asked(BaseModel):
    """A request's body: unknown members are refused, since they would do nothing."""

    model_config = ConfigDict(extra="forbid")


class Answered(BaseModel):
    """A resource, read from the attributes of its row."""

    model_config = ConfigDict(from_attributes=True)


class ItemPath(BaseModel):
    """The identifier in a path."""

    id: str


class PageQuery(BaseModel):
    """Which page of a list."""

    cursor: str | None = Field(default=None, description="`next_cursor` of the page before.")
    limit: int = Field(default=paging.DEFAULT_LIMIT, ge=1, le=paging.MAX_LIMIT)


class ResultQuery(PageQuery):
    """Which results of a run."""

    outcome: Literal["passed", "failed", "errored", "skipped"] | None = None
    q: str = Field(default="", max_length=500, description="Looked for in the texts.")


class RunQuery(PageQuery):
    """Which runs."""

    suite_id: str | None = None


class PageOf(BaseModel, Generic[T]):
    """A page of a list; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None


class Problem(BaseModel):
    """What is wrong with a part of an API description."""

    pointer: str
    message: str


class DescriptionAddress(Asked):
    """Where an API description is fetched from."""

    url: str = Field(min_length=1, max_length=2000)


class DescriptionText(Asked):
    """The API description itself, as text, or what becomes one: a curl command line, a HAR."""

    document: str = Field(min_length=1, max_length=limits.MAX_BYTES)


#: The forms in which a description is given as JSON.
NEW_DESCRIPTIONS = (DescriptionAddress, DescriptionText)


class VersionPath(ItemPath):
    """A version of an API description in a path."""

    number: int = Field(ge=1, le=2**31 - 1)


class NewSchedule(Asked):
    """How often somebody looks for a newer version."""

    every_hours: int | None = Field(
        ge=1, le=versions.MAX_HOURS, description="Null: only when somebody asks."
    )


class Changes(BaseModel):
    """Operations that came, went or changed with a version."""

    added: list[str]
    removed: list[str]
    changed: list[str]


class Version(Answered):
    """An API description as it was read once."""

    number: int
    version: str
    dialect: str
    digest: str
    operations_count: int
    changes: Changes
    created_at: dt.datetime


class Description(Answered):
    """An API description."""

    id: str
    title: str
    version: str
    dialect: str
    source_url: str
    servers: list[str]
    operations_count: int
    problems: list[Problem]
    created_at: dt.datetime
    number: int = Field(description="Of the newest version, which this is.")
    checked_at: dt.datetime
    refusal: str = Field(description="Why the last look for a newer version failed.")
    every_hours: int | None
    due_at: dt.datetime | None


class Operation(Answered):
    """One method on one path."""

    id: str
    key: str
    method: str
    path: str
    summary: str
    pointer: str
    tags: list[str]
    deprecated: bool


class NewSuite(Asked):
    """A suite for an API description, and where the API lives."""

    api_description_id: str
    name: str = Field(max_length=200)
    base_url: str = Field(max_length=2000)
    headers: dict[str, str] = Field(
        default_factory=dict, description="Sent with every request; kept sealed, never shown."
    )
    secrets: dict[str, str] = Field(
        default_factory=dict,
        description="What scripts send (`api.secret(name)`) and never see; kept sealed.",
    )
    identities: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="Users of the API, the main one first: name → headers that prove who asks. In"
        " place of Authorization there may be OAuth2, from which a token is got: "
        "`client_id=… client_secret=…`, and `username=… password=…`, `scope=…`, `audience=…`,"
        " `resource=…`, `client_auth=post`, and `token_url=…` or `discovery_url=…` where the"
        " description does not say it. A name that begins with `?` is a parameter of the query.",
    )


class NewEnvironment(Asked):
    """Where the API lives from the next run on."""

    base_url: str = Field(max_length=2000)
    headers: dict[str, str] | None = Field(
        default=None, description="In place of those there are; null keeps them."
    )
    secrets: dict[str, str] | None = Field(
        default=None, description="In place of those there are; null keeps them."
    )
    identities: dict[str, dict[str, str]] | None = Field(
        default=None, description="In place of those there are; null keeps them."
    )


class Environment(Answered):
    """Where the API lives; what proves who asks is not shown."""

    base_url: str
    has_headers: bool
    has_secrets: bool
    has_identities: bool


class Suite(Answered):
    """The tests of one API description."""

    id: str
    api_description_id: str
    name: str
    created_at: dt.datetime


class NewGeneration(Asked):
    """Which cases are written, and by whom."""

    provider: str = "offline"
    operations: Literal["all", "missing"] | Annotated[list[str], Field(max_length=20_000)] = "all"
    prompt: str = Field(
        default="", max_length=20_000, description="What to mind besides the API description."
    )
    is_reviewed: bool = Field(
        default=False,
        description="What it would change of a case waits until somebody chose what to take over.",
    )


class Generation(Answered):
    """One attempt to write cases."""

    id: str
    suite_id: str
    provider: str
    prompt: str
    is_reviewed: bool
    status: str
    total: int
    written: int
    failed: int
    message: str
    created_at: dt.datetime
    finished_at: dt.datetime | None


class Change(Answered):
    """One change of one recorded answer."""

    kind: str
    exchange: int = Field(description="Which exchange of the check, from 0.")
    request: str
    place: str = Field(description="A JSON pointer into status, headers and body.")
    told: str = Field(description="What is there instead.")


class Duty(Answered):
    """Why a check should notice a change, and where that rule comes from."""

    rule: str
    source: str


class Survivor(Answered):
    """A change that a check should have noticed and did not."""

    change: Change
    duty: Duty
    outcome: str | None = Field(description="What became of the check; null where nothing did.")


class CheckStrength(Answered):
    """What is known of one check."""

    check: str
    noticed: int
    survived: int
    undecided: int = Field(description="Changes after which the check could not be judged.")
    untried: int = Field(description="Changes that it should notice and that were not tried.")
    remark: str = Field(description="Why it could not be tried at all; empty where it was.")
    is_vacuous: bool = Field(description="Whether it noticed nothing of what it should notice.")
    survivors: list[Survivor] = Field(description="The first of them.")


class CaseStrength(Answered):
    """What is known of a case; the figures are those of all its checks."""

    noticed: int
    survived: int
    vacuous: int
    kill_rate: float | None = Field(description="From 0 to 1; null where nothing was decided.")
    remark: str
    checks: list[CheckStrength]


class Strength(Answered):
    """How strong a case was when that was measured last."""

    run_id: str
    measured_at: dt.datetime
    is_outdated: bool = Field(description="Whether the script is another one by now.")
    summary: CaseStrength


class Assistance(Answered):
    """What models took for a generation, and what they added."""

    requests: int
    input_tokens: int
    output_tokens: int
    dollars: float
    kept: int = Field(description="Checks that were added.")
    repaired: int = Field(description="Those of them that were put right first.")
    dropped: int = Field(description="Checks that were not valid, and were not put right.")


class AssistedGeneration(Generation):
    """A generation with the part that models had in it."""

    assistance: Assistance


class DroppedCheck(Answered):
    """A check of a model's that may not stand, and why."""

    name: str
    problems: list[str]


class Contribution(Answered):
    """What models added to the case of one operation."""

    operation: str
    provider: str = Field(description='Who wrote what was added; "offline" where nothing was.')
    kept: list[str]
    repaired: list[str]
    dropped: list[DroppedCheck]
    reason: str = Field(
        description="Why it was not all written by the first provider; empty where it was."
    )


class Script(Asked):
    """An edited script, and why it was edited."""

    script: str
    reason: str = Field(default="", max_length=1000)


class CaseQuery(PageQuery):
    """Which cases of a suite."""

    archived: bool = Field(
        default=False, description="Those whose operation is documented no more."
    )


class CaseLine(Answered):
    """A case in a list."""

    id: str
    suite_id: str
    operation: str
    module: str
    provider: str
    notes: list[str]
    updated_at: dt.datetime
    archived_at: dt.datetime | None


class Case(CaseLine):
    """A case with its script."""

    script: str
    generated_script: str
    offered_script: str | None = Field(
        description="What was generated last, while somebody has to choose what is taken over."
    )


class RevisionPath(ItemPath):
    """A revision of a case in a path."""

    number: int = Field(ge=1, le=2**31 - 1)


class RevisionLine(Answered):
    """A revision of a case in a list."""

    number: int
    origin: Literal["first", "generated", "merged", "edited", "settled", "restored"]
    reason: str
    created_by: str | None = Field(description="A user's id.")
    created_at: dt.datetime


class Revision(RevisionLine):
    """A script as it stood, and what had changed."""

    script: str
    diff: str = Field(description="From the revision before, as a unified diff.")


class Conflict(Answered):
    """A part that was edited and generated in another way; null where a side has it no more."""

    key: str
    kind: str
    base: str | None
    edited: str | None
    generated: str | None


class Offer(Answered):
    """What would be taken over and may be declined; null where there is no such part."""

    key: str
    kind: str
    fate: str
    before: str | None
    after: str | None


class PartChange(Answered):
    """A part of the script, and what becomes of it."""

    key: str
    kind: str
    fate: str


class TouchedCase(Answered):
    """A case whose operation changed, and what a generation would do to its parts."""

    case_id: str
    operation: str
    changes: list[PartChange]


class Touched(Answered):
    """What changed since all cases of a suite were last generated."""

    added: list[str] = Field(description="Operations that have no case yet.")
    removed: list[str] = Field(description="Operations of cases that are documented no more.")
    changed: list[TouchedCase]
    further: int = Field(description="How many more changed than are told.")


class Merge(Answered):
    """What was generated last, merged with what was edited."""

    conflicts: list[Conflict]
    offers: list[Offer]
    changes: list[PartChange]


class Choices(Asked):
    """Whose text is wanted, by the keys of conflicts and offers.

    A conflict that is not named goes on waiting; an offer that is not named is taken over.
    """

    choices: dict[str, Literal["edited", "generated"]]


class Totals(Answered):
    """How many checks ended how."""

    passed: int
    failed: int
    errored: int
    skipped: int


class RunOptions(Asked):
    """How a run is executed."""

    retries: int = Field(
        default=0, ge=0, le=5, description="How often a check that is red is run again."
    )
    cleans_up: bool = Field(
        default=True,
        description="Whether what a case creates and does not delete is deleted after it.",
    )
    changes: int = Field(
        default=0,
        ge=0,
        le=runs.MAX_CHANGES,
        description="With how many changed answers each check is tried, once its case has run,"
        " to measure its strength; 0 for none. These requests are answered from a recording.",
    )


class Run(Answered):
    """One execution, with its progress."""

    id: str
    suite_id: str
    base_url: str
    status: str
    retries: int
    cleans_up: bool
    changes: int
    cases_total: int
    cases_finished: int
    totals: Totals
    quarantined: int = Field(
        description="Of those that failed or errored: in quarantine, so that no run fails for them."
    )
    new_red: int | None = Field(description="Null until analytics has counted the run.")
    known_red: int | None
    fixed: int | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


class Deletion(BaseModel):
    """What a case had created and left behind was to be deleted after it."""

    url: str
    status: int | None = Field(description="Null where no answer came.")
    remark: str = Field(description="Why it may still be there; empty where it is gone.")


class RunCase(Answered):
    """A case of a run, and how far it is."""

    case_id: str
    operation: str
    module: str
    status: str
    outcome: str | None
    message: str = Field(description="Why the case itself broke, if it did.")
    duration_seconds: float
    finished_at: dt.datetime | None
    deletions: list[Deletion] = Field(description="How it was cleaned up after.")


class Message(BaseModel):
    """A request or response as it went over the wire."""

    headers: list[tuple[str, str]]
    body: str
    truncated: bool


class Timings(BaseModel):
    """Where the time of an exchange went, in seconds; null for what did not happen."""

    held: float = 0.0
    connect: float | None = None
    tls: float | None = None
    first_byte: float | None = None


class Tls(BaseModel):
    """How a connection was secured, and by whom."""

    version: str
    cipher: str
    subject: str
    issuer: str
    expires: str


class Exchange(BaseModel):
    """A request and what came back."""

    method: str
    url: str
    request: Message
    status: int | None
    response: Message | None
    duration_seconds: float
    error: str
    timings: Timings = Timings()
    tls: Tls | None = None


class Rerun(BaseModel):
    """A check that was red, run once more; its outcome is evidence, no verdict."""

    outcome: str
    message: str
    traceback: str
    output: str
    duration_seconds: float
    exchanges: list[Exchange]


class Result(Answered):
    """How one check ended."""

    id: str
    case_id: str
    operation: str
    check: str
    attempt: int
    outcome: str
    intent: str
    message: str
    traceback: str
    output: str
    duration_seconds: float
    exchanges: list[Exchange]
    reruns: list[Rerun]
    #: Whether it was red and passed when it was run again.
    is_flaky: bool
    is_quarantined: bool
