"""What a check claims to have asked and been answered, held against the gateway's record. Pure.

A claim is a request that a check cannot pass without, as its text reads (see `worker.reading`). The
record is made outside the script's process, so that a check which says "passed" without having
talked to the target, or against what the target said, is found out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from testops import addresses
from worker.gateway.recording import Fact

#: What matches any path.
ANY_PATH = ".*"
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
#: A base URL's path that stands on the wire as it is written.
_PLAIN = re.compile(r"[\w/.~-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """One request that was answered."""

    #: Where it stands in the module.
    line: int
    #: Upper case; empty for any.
    method: str
    #: A regular expression for the path below the base URL, without the query.
    path: str
    #: The path as written, for messages.
    shown: str
    #: One of these is the answer's status.
    statuses: Collection[int]
    #: The expectations that the answer is held against: "expect.documented", "assert".
    held: frozenset[str] = frozenset()
    #: Whether more requests like it may follow, whose answers go through the same text.
    is_repeated: bool = False

    def __str__(self) -> str:
        return f"{self.method or 'a request to'} {self.shown}"

    def is_of(self, fact: Fact, prefix: str) -> bool:
        """Whether this is the request, whatever its answer."""
        fits = re.fullmatch(f"{prefix}{self.path}" or "/", fact.path)
        return self.method in {"", fact.method} and fits is not None


@dataclass(frozen=True, slots=True)
class Group:
    """Claims that come true in their order."""

    claims: tuple[Claim, ...]
    #: Whether an earlier check of the case may have seen to it: a fixture that several share.
    is_shared: bool = False


def prefix_of(base_url: str) -> str:
    """A regular expression for the base URL's path."""
    path = urlsplit(base_url).path.rstrip("/")
    return re.escape(path) if _PLAIN.fullmatch(path) else ANY_PATH


@lru_cache(maxsize=1024)
def path_of(template: str) -> str:
    """A regular expression for what a path template becomes on the wire."""
    text = template.partition("#")[0].partition("?")[0]
    if "/." in text:
        # A client resolves such segments.
        return ANY_PATH
    try:
        literals = [addresses.path_of(literal, {}) for literal in _PLACEHOLDER.split(text)]
    except UnicodeError:
        return ANY_PATH
    return "[^/]*".join(re.escape(literal) for literal in literals)


def unmet(
    groups: Sequence[Group], mine: Sequence[Fact], earlier: Sequence[Fact], prefix: str
) -> str:
    """What a check claims that the record does not bear out; empty where it bears out all.

    `mine` are the facts of the check itself, `earlier` those of the checks before it.
    """
    for group in groups:
        facts = [*earlier, *mine] if group.is_shared else list(mine)
        if objection := _unmet(group.claims, facts, prefix):
            return objection
    return ""


def _unmet(claims: Sequence[Claim], facts: Sequence[Fact], prefix: str) -> str:
    rest = list(facts)
    for claim in claims:
        asked = [fact for fact in rest if claim.is_of(fact, prefix) and fact.status is not None]
        met = next((fact for fact in asked if fact.status in claim.statuses), None)
        if met is None:
            return _said(claim, asked)
        del rest[: rest.index(met) + 1]
    return ""


def _said(claim: Claim, asked: Sequence[Fact]) -> str:
    if not asked:
        return f"line {claim.line} sends {claim}, but no such request went out and was answered"
    seen = ", ".join(sorted({str(fact.status) for fact in asked}))
    return f"the status that it expects of {claim} in line {claim.line} did not come, but {seen}"
