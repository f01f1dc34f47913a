"""What a local run tells a reader at its end: every failure with the exchange, then the totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.domain.outcomes import Outcome
from app.domain.results import Exchange, Message
from local import findings
from local.findings import Finding, Leftover

#: Shown of a message, in lines.
_MESSAGE_LINES = 12
#: Shown of a body, in characters.
_BODY_CHARACTERS = 300
#: A message that has so much of a body shows it already, in characters.
_RECOGNISED = 60
_LOUD = {Outcome.FAILED: "FAILED", Outcome.ERRORED: "ERRORED"}


def lines(
    found: Sequence[Finding], cases: int, leftovers: Sequence[Leftover] = ()
) -> Iterator[str]:
    """The summary, line by line."""
    for finding in found:
        if finding.outcome in _LOUD:
            yield from _loud(finding)
    yield from _skips(found)
    yield from _left(leftovers)
    counts = findings.totals(found)
    yield (
        f"{counts.checks} checks in {cases} cases: {counts.passed} passed, {counts.failed} failed,"
        f" {counts.errored} errored, {counts.skipped} skipped"
    )


def _loud(finding: Finding) -> Iterator[str]:
    yield f"{_LOUD[finding.outcome]} {finding.operation or finding.case}  {finding.check}".rstrip()
    yield f"  in {finding.case}"
    if finding.is_flaky:
        yield "  It passed when it was run again: it is flaky."
    message = finding.message.splitlines()
    yield from (f"  {line}" for line in message[:_MESSAGE_LINES])
    if len(message) > _MESSAGE_LINES:
        yield f"  … ({len(message) - _MESSAGE_LINES} more lines)"
    # The last exchange is the one that the check ended on.
    for exchange in finding.exchanges[-1:]:
        yield from _exchange(exchange, " ".join(message))
    yield ""


def _exchange(exchange: Exchange, said: str) -> Iterator[str]:
    yield f"  > {exchange.method} {exchange.url}"
    yield from _body("  >", exchange.request, said)
    if exchange.response is None:
        yield f"  < no response: {exchange.error}"
    else:
        yield f"  < {exchange.status} after {exchange.duration_seconds * 1000:.0f} ms"
        yield from _body("  <", exchange.response, said)


def _body(mark: str, message: Message, said: str) -> Iterator[str]:
    """A body in one line, unless the check's own message shows it."""
    text = " ".join(message.body.split())
    if text and text[:_RECOGNISED] not in said:
        cut = "…" if message.truncated or len(text) > _BODY_CHARACTERS else ""
        yield f"{mark} {text[:_BODY_CHARACTERS]}{cut}"


def _skips(found: Sequence[Finding]) -> Iterator[str]:
    """Why checks were skipped, each reason once."""
    reasons: dict[str, int] = {}
    for finding in found:
        if finding.outcome is Outcome.SKIPPED:
            reason = finding.message.partition("\n")[0] or "no reason given"
            reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in reasons.items():
        yield f"skipped {count}: {reason}"


def _left(leftovers: Sequence[Leftover]) -> Iterator[str]:
    """How it was cleaned up after the cases: what is gone in one number, the rest in full."""
    kept = [left for left in leftovers if left.deletion.remark]
    for left in kept:
        yield f"left behind by {left.case}: {left.deletion.url}  {left.deletion.remark}"
    if gone := len(leftovers) - len(kept):
        yield f"cleaned up: {gone} deleted that cases had created and left behind"
