"""Which mutations a check should notice, by which rule, and where that rule comes from. Pure.

Only what is certain is a duty. What a check holds an answer against is read from its text (see
`worker.reading`), as far as that can be read:

- a status that the check's own text excludes, unless it is only a precondition, for want of which
  a check is skipped;
- whatever the API description objects to, where the answer is held against it (`documented`): an
  optional property that is dropped, a list that may be longer, are no fault;
- what was written and is not read back, where the check holds values against the answer, and all
  that was written there is one thing;
- the header that a rule of HTTP demands, where the check is about that rule.

Each answer to generated inputs is held against what the loop over them says of it; replayed, they
are drawn from the same seed, and so are the same.

A check of which nothing can be read is held to the least that any check must do: notice that the
operation it is about answers with a server error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from app.domain.results import Exchange
from app.domain.strength import Duty, Kind
from worker.claims import Claim, Group
from worker.gateway.recording import Fact
from worker.strength.description import SERVER_ERROR, Description
from worker.strength.mutations import Mutation, is_success
from worker.strength.tape import may_change

#: These skip where an answer does not give what the check needs: no judgement of it.
_NEEDING = frozenset({"existing", "created", "linked"})
_DOCUMENTED = "expect.documented"
_LIKE_GET = "expect.like_get"
_NOT_ALLOWED = "expect.not_allowed"
#: Expectations on what was written, by what goes wrong.
_WRITTEN = {
    Kind.STALE_READ: frozenset(
        {"state.holds", "state.lacks", "state.some_holds", "state.none_holds"}
    ),
    Kind.IGNORED_WRITE: frozenset({"state.holds", "state.some_holds"}),
}
_UNIMPLEMENTED = HTTPStatus.NOT_IMPLEMENTED


@dataclass(frozen=True, slots=True)
class Duties:
    """What one check should notice in its recording."""

    #: The module's operation: "GET /books/{bookId}".
    operation: str
    description: Description
    #: For each exchange what the check's text says of it.
    claims: tuple[tuple[Claim, ...], ...]
    exchanges: tuple[Exchange, ...]

    @classmethod
    def of(
        cls,
        groups: Sequence[Group],
        exchanges: Sequence[Exchange],
        operation: str,
        description: Description,
    ) -> Duties:
        """Of a check that claims this and was recorded so."""
        found: list[tuple[Claim, ...]] = [()] * len(exchanges)
        place = 0
        # Fixtures first, then the check itself: so they run.
        every = [claim for group in groups for claim in group.claims]
        for claim in every:
            met = _met(claim, exchanges, place, description.prefix)
            # Of a series only the end of the check is known to be the series' end.
            is_series = claim.is_repeated and claim is every[-1]
            for number in met if is_series else met[:1]:
                found[number] = (*found[number], claim)
                place = number + 1
        return cls(operation, description, tuple(found), tuple(exchanges))

    def duty(self, mutation: Mutation) -> Duty | None:
        """Why the check should notice a mutation; None where nothing says so."""
        said = self.claims[mutation.change.exchange]
        for claim in said:
            if duty := self._by_claim(mutation, claim):
                return duty
        return None if self._is_readable else self._at_least(mutation)

    @property
    def _is_readable(self) -> bool:
        """Whether any expectation of the check could be read."""
        return any(_judging(claim) for said in self.claims for claim in said)

    def _by_claim(self, mutation: Mutation, claim: Claim) -> Duty | None:
        if not _judging(claim):
            return None
        if _DOCUMENTED in claim.held and (
            duty := self.description.objection(mutation.answered, self.operation)
        ):
            return duty
        line = f"line {claim.line} of the module"
        if mutation.answered.status not in claim.statuses:
            return Duty("the check's own text expects another status", line)
        written = _WRITTEN.get(mutation.change.kind, frozenset())
        if claim.held & written and self._is_certain(mutation.change.exchange):
            return Duty("what was written is held against what is read", line)
        return _by_rule(mutation, claim)

    def _is_certain(self, number: int) -> bool:
        """Whether it is one writing that a read shows; of several, any may be the one held."""
        url = self.exchanges[number].url
        sent = {
            each.request.body
            for each in self.exchanges[: number + 1]
            if each.url == url and may_change(each) and is_success(each)
        }
        return len(sent) <= 1

    def _at_least(self, mutation: Mutation) -> Duty | None:
        change, status = mutation.change, mutation.answered.status or 0
        is_server_error = change.kind is Kind.STATUS and status >= HTTPStatus.INTERNAL_SERVER_ERROR
        asked = self.description.operation(mutation.answered, "")
        return SERVER_ERROR if is_server_error and asked == self.operation else None


def _judging(claim: Claim) -> bool:
    return bool(claim.held - _NEEDING)


def _by_rule(mutation: Mutation, claim: Claim) -> Duty | None:
    """What a rule of HTTP says where the check is about that rule."""
    status, kind = mutation.answered.status or 0, mutation.change.kind
    is_broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != _UNIMPLEMENTED
    if _LIKE_GET in claim.held and kind is Kind.STATUS and is_broken:
        return Duty("HEAD is answered with the status of GET", "RFC 9110, section 9.3.2")
    lacks_allow = kind is Kind.MISSING_HEADER and mutation.change.place == "/headers/allow"
    if _NOT_ALLOWED in claim.held and lacks_allow and status == HTTPStatus.METHOD_NOT_ALLOWED:
        return Duty("a method that is not allowed is told those that are", "RFC 9110, 15.5.6")
    return None


def _met(claim: Claim, exchanges: Sequence[Exchange], start: int, prefix: str) -> range:
    """The first exchange from a place on that is the claim's, and those like it that follow."""

    def is_met(each: Exchange) -> bool:
        fact = Fact(each.method, urlsplit(each.url).path, each.status)
        return claim.is_of(fact, prefix) and fact.status in claim.statuses

    places = range(start, len(exchanges))
    first = next((number for number in places if is_met(exchanges[number])), len(exchanges))
    end = next((n for n in places[first - start :] if not is_met(exchanges[n])), len(exchanges))
    return range(first, end)
