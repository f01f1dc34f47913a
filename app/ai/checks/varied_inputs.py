"""Inputs beyond what is documented are refused, inputs at its edge are taken, none breaks the API.

One input differs at a time, and every variation is held against the whole schema before it is
written. Of many only `_MOST` are kept: the lowest ranks first, and of each rank the inputs in their
order, so that every input has its strongest checks before one has its weakest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.ai import quoting
from app.ai.checks import bounds, choices, extra_properties, success, texts, wrong_type
from app.ai.checks.check import Check, Found
from app.ai.errors import NoValueError
from app.ai.places import gathering
from app.ai.places.place import Place
from app.ai.requests import Request, Step
from app.ai.variations import Kind, Variation, Verdict

_KINDS: tuple[Kind, ...] = (
    wrong_type.variations,
    bounds.variations,
    choices.variations,
    texts.variations,
    extra_properties.variations,
)
#: Variations of one operation; more would not be read.
_MOST = 40
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def checks(found: Found) -> Iterator[Check]:
    """A check for each variation; none where the rest of the request cannot be made."""
    if found.inputs.lacking or found.material.operation.method == "CONNECT":
        return
    every = [
        (variation.rank, number, place, variation)
        for number, place in enumerate(gathering.places(found.material, found.inputs))
        for variation in _variations(place)
    ]
    kept = sorted(every, key=lambda each: each[0])[:_MOST]
    writer = _Writer(found)
    for _, _, place, variation in sorted(kept, key=lambda each: each[1]):
        yield from writer.checks(place, variation)


def _variations(place: Place) -> Iterator[Variation]:
    """The variations that the description bears out; of those with one name the first."""
    names: set[str] = set()
    for kind in _KINDS:
        for variation in kind(place):
            if variation.words not in names and _is_sound(place, variation):
                names.add(variation.words)
                yield variation


def _is_sound(place: Place, variation: Variation) -> bool:
    value = variation.value
    try:
        place.sent(value)
        if variation.verdict is Verdict.REFUSED:
            is_borne_out = place.forbids_by(variation.keyword, value)
        else:
            is_new = not place.is_sent or value != place.value
            is_borne_out = is_new and place.fits(value)
    except NoValueError:
        return False
    return is_borne_out and quoting.is_quotable(value)


class _Writer:
    """Makes checks of the variations of one operation."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._operation = found.material.operation
        #: For requests that may change what they name: resources of the check's own, if possible.
        self._own = success.obtained(found)
        #: For requests that should change nothing.
        self._any = success.spared(found)

    def checks(self, place: Place, variation: Variation) -> Iterator[Check]:
        """At most one check."""
        if variation.verdict is Verdict.REFUSED:
            yield self._refused(place, variation)
        elif self._may_succeed(place):
            is_accepted = variation.verdict is Verdict.ACCEPTED
            is_open = not success.has_success(self._operation) or not is_accepted
            yield (self._answered if is_open else self._accepted)(place, variation)

    def _may_succeed(self, place: Place) -> bool:
        """Whether nothing is lost, and nothing changed that is not the check's own."""
        method = self._operation.method
        return method in _SAFE or (method != "DELETE" and place.location != "path")

    def _refused(self, place: Place, variation: Variation) -> Check:
        steps = self._steps(place, self._any)
        # Where an id is refused, "not found" is a refusal as good as any, whoever says it.
        is_id = place.location == "path"
        needs = "" if is_id else self._found.inputs.resource_needs(steps)
        check = self._check(place, variation, steps, expectation="refused", needs=needs)
        return replace(check, is_of_server=is_id)

    def _answered(self, place: Place, variation: Variation) -> Check:
        return self._check(place, variation, self._steps(place, self._own), expectation="")

    def _accepted(self, place: Place, variation: Variation) -> Check:
        steps = self._steps(place, self._own)
        needs = self._found.inputs.needs(steps)
        before = self._found.with_steps(self._found.inputs.request, steps) if needs else None
        return self._check(
            place,
            variation,
            steps,
            expectation="success",
            statuses=success.statuses(self._operation),
            before=before,
            before_needs=needs,
        )

    def _steps(self, place: Place, steps: Mapping[str, Step]) -> dict[str, Step]:
        """The steps, but for one that obtains what is varied."""
        own = place.name if place.location == "path" else None
        return {name: step for name, step in steps.items() if name != own}

    def _check(
        self,
        place: Place,
        variation: Variation,
        steps: dict[str, Step],
        *,
        expectation: str,
        statuses: tuple[int, ...] = (),
        needs: str = "",
        before: Request | None = None,
        before_needs: str = "",
    ) -> Check:
        keyword = f"/{variation.keyword}" if variation.keyword in place.schema else ""
        return Check(
            name=f"{place.words} {variation.words}",
            intent=f"The {place.spoken} {variation.says} {variation.verdict.value}.",
            source=f"{place.pointer}{keyword}",
            request=self._found.with_steps(place.sent(variation.value), steps),
            expectation=expectation,
            statuses=statuses,
            needs=needs,
            before=before,
            before_needs=before_needs,
        )
