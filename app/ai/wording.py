"""Reads from a description's prose for whom an operation is: its owners, its administrators.

Only whole clauses count, such as "for admins only" or "only its owner may delete it": a sentence
that holds the same words may speak of a part of the answer, or of another operation.
"""

from __future__ import annotations

import re
from functools import lru_cache

from app.openapi.model import Operation

ADMINS = r"(?:super ?)?(?:admins?|administrators?|superusers?)(?: users?)?"
#: A role or scope, as code writes it: "admin", "ROLE_ADMIN".
ADMIN_ROLE = re.compile(rf"(?:roles?[:._-])?{ADMINS}", re.IGNORECASE)
#: "Authors" at large may be a role; "its author" is one person.
OWNERS = r"(?:owners?|(?:the|its|their) (?:creator|author))"

_CLAUSE_ENDS = re.compile(r"[.;:,()\n\u2013\u2014]+")
_THIS = r"(?:this (?:endpoint|operation|method|call|request|action|resource) )?(?:is )?"
_THE = r"(?:an? |the |its |their |his or her )?"
_OF = r"(?: of (?:it|them|(?:an?|the|this|that|its) \w+))?"
_RIGHTS = r"(?: (?:rights?|roles?|privileges?|permissions?|access|scope|token))"
#: How it is said what an operation of each method does.
_VERBS = {
    "GET": r"read|see|view|get|list|access|fetch|retrieve",
    "PUT": r"change|replace|update|edit|modify|write",
    "PATCH": r"change|update|edit|modify|patch|write",
    "DELETE": r"delete|remove|withdraw|destroy",
    "POST": r"create|add|do|perform|run",
}
_MAY = r"(?:can|may|(?:is|are) (?:allowed|permitted|able) to)"


def is_only_for(who: str, operation: Operation, *more: str) -> bool:
    """Whether its summary, its description or other texts say that an operation is for these."""
    texts = (operation.summary, operation.description, *more)
    clauses = [part.strip() for text in texts for part in _CLAUSE_ENDS.split(text)]
    plain, active = _plain(who), _active(who, _VERBS.get(operation.method, "do"))
    return any(
        plain.fullmatch(clause)
        or ((said := active.fullmatch(clause)) and _is_meant(said["object"], operation))
        for clause in clauses
    )


def is_for_ones_own(operation: Operation) -> bool:
    """Whether one does this to one's own only, in words: "You may only read your own notes"."""
    texts = (operation.summary, operation.description)
    clauses = [part.strip() for text in texts for part in _CLAUSE_ENDS.split(text)]
    own = _own(_VERBS.get(operation.method, "do"))
    return any(
        (said := own.fullmatch(clause)) and _is_meant(said["object"], operation)
        for clause in clauses
    )


@lru_cache
def _own(verbs: str) -> re.Pattern[str]:
    who = r"(?:(?:an?|the|each|every) )?(?:users?|customers?|callers?|clients?|members?|you)"
    form = rf"{who} {_MAY}(?: only)? (?:{verbs})(?: only)? (?:their|your|its) own (?P<object>\w+)"
    return re.compile(rf"(?=.*\bonly\b){form}(?: only)?", re.IGNORECASE)


@lru_cache
def _plain(who: str) -> re.Pattern[str]:
    restricted = r"(?:only |available |accessible |allowed |restricted |reserved |intended )*"
    forms = (
        rf"{_THIS}{restricted}(?:for|to|by) {_THE}{who}{_OF}(?: only)?",
        rf"{who}[ -]only",
        rf"only {_THE}{who}{_OF}",
        rf"{_THIS}(?:requires?|needs?) {_THE}{who}{_RIGHTS}?",
        rf"{who}{_RIGHTS}(?: is| are)? (?:required|needed)",
        rf"(?:you |the user |the caller )?must (?:be|have) {_THE}{who}{_RIGHTS}?{_OF}",
        rf"(?:you are |the user is |the caller is )?not {_THE}{who}{_OF}",
    )
    return re.compile("|".join(f"(?:{form})" for form in forms), re.IGNORECASE)


@lru_cache
def _active(who: str, verbs: str) -> re.Pattern[str]:
    form = rf"(?:only )?{_THE}{who}{_OF}(?: only)? {_MAY}(?: only)? (?:{verbs}) (?P<object>.*)"
    # The word may stand before or behind, but it has to stand.
    return re.compile(rf"(?=.*\bonly\b){form}", re.IGNORECASE)


def _is_meant(spoken: str, operation: Operation) -> bool:
    """Whether "it", "this task" or "a task" is what the operation works on."""
    words = re.sub(r"^(?:an?|the|this|that|its|their|any) ", "", spoken.lower()).split()
    segments = [part for part in operation.path.lower().split("/") if part and "{" not in part]
    if len(words) != 1 or not segments:
        return False
    [noun] = words
    known = re.sub(r"[^a-z0-9]", "", segments[-1])
    return noun in {"it", "them", "this", "that"} or known in {noun, f"{noun}s", f"{noun}es"}
