"""What happens while a shard is executed, as the engine yields it.

For each case, in order: CaseStarted, then for each check CheckStarted and CheckFinished, then
CaseFinished exactly once. A case that cannot be collected has no checks and a CaseFinished whose
outcome is errored and whose message says why.

CheckStarted comes as it happens, and so does the CheckFinished of whatever is no pass. That of a
pass comes when its case has ended: until then the script may turn out to have faked it. Between the
two a check counts as under way; it is never shown as passed and taken back. Where red checks are
run again, their CheckFinished comes when that was done, and every time begins with a CheckStarted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.domain.outcomes import Outcome
from app.domain.strength import CaseSummary


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response as it went over the wire."""

    headers: tuple[tuple[str, str], ...]
    #: Text; bytes that are not UTF-8 are shown as backslash escapes.
    body: str
    #: Whether the body was longer than what is kept.
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Timings:
    """Where the time of an exchange went, in seconds; None for what did not happen."""

    #: Waited because the run may send only so many requests in a second.
    held: float = 0.0
    #: The connection's opening; None where an open one was used again.
    connect: float | None = None
    #: TLS's handshake.
    tls: float | None = None
    #: From the request's last byte to the response's head.
    first_byte: float | None = None


@dataclass(frozen=True, slots=True)
class Tls:
    """How a connection was secured, and by whom."""

    #: "TLSv1.3"
    version: str
    cipher: str
    #: The certificate's, as "commonName=api.test, organizationName=…".
    subject: str
    issuer: str
    #: When the certificate expires, as it says: "Jun  1 12:00:00 2030 GMT".
    expires: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back, recorded outside the script."""

    method: str
    url: str
    request: Message
    #: None where no response came.
    status: int | None
    response: Message | None
    duration_seconds: float
    #: Why no response came.
    error: str = ""
    timings: Timings = field(default_factory=Timings)
    #: None for plain HTTP, and where the connection was not made.
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class CaseStarted:
    """A case is about to run."""

    case_id: str
    kind: Literal["case_started"] = "case_started"


@dataclass(frozen=True, slots=True)
class CheckStarted:
    """A check is about to run."""

    case_id: str
    check: str
    kind: Literal["check_started"] = "check_started"


@dataclass(frozen=True, slots=True)
class Rerun:
    """A check that was red, run once more: evidence of how firm its outcome is."""

    outcome: Outcome
    message: str = ""
    traceback: str = ""
    output: str = ""
    duration_seconds: float = 0.0
    exchanges: tuple[Exchange, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class CheckFinished:
    """A check has ended."""

    case_id: str
    #: The function's name, with pytest's parameter id where it has one: "test_x[a]".
    check: str
    outcome: Outcome
    #: The assertion's or error's message, one paragraph; empty when passed.
    message: str = ""
    #: pytest's long representation; empty when passed.
    traceback: str = ""
    output: str = ""
    #: What the check proves and where that is documented: its docstring.
    intent: str = ""
    duration_seconds: float = 0.0
    exchanges: tuple[Exchange, ...] = field(default_factory=tuple)
    #: What came of running it again, where it was red and the plan says so.
    reruns: tuple[Rerun, ...] = field(default_factory=tuple)
    kind: Literal["check_finished"] = "check_finished"

    @property
    def is_flaky(self) -> bool:
        """Whether it passed when it was run again: no success, but no firm failure either."""
        return any(rerun.outcome is Outcome.PASSED for rerun in self.reruns)


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a case had created and left behind was to be deleted after it: how that went."""

    url: str
    #: None where no answer came, or where nothing was asked.
    status: int | None
    #: Why it may still be there; empty where it is gone.
    remark: str = ""


@dataclass(frozen=True, slots=True)
class CaseFinished:
    """A case has ended; nothing follows for it."""

    case_id: str
    #: The worst outcome of its checks, or errored where the case itself broke.
    outcome: Outcome
    #: Why the case itself broke: import error, time limit, killed; empty otherwise.
    message: str = ""
    duration_seconds: float = 0.0
    #: How it was cleaned up after; no outcome ever depends on it.
    deletions: tuple[Deletion, ...] = field(default_factory=tuple)
    #: How strong its checks are; None where the plan does not ask for it.
    strength: CaseSummary | None = None
    kind: Literal["case_finished"] = "case_finished"


Event = CaseStarted | CheckStarted | CheckFinished | CaseFinished
