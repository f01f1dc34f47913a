"""Judges proposed checks: by their text, and then by what they do in the cage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from app.ai import formatting
from app.ai.composing import OfflineModule, SoundCheck
from app.ai.providers.provider import ProposedCheck
from app.ai.validation import depending, drafts
from app.ai.validation.drafts import Draft, UnsoundError
from app.ai.validation.trial import Trial, Tried

#: More checks than a model was asked for are not looked at.
MAX_CHECKS = 12


@dataclass(frozen=True, slots=True)
class Rejected:
    """A check that may not stand, and why."""

    check: ProposedCheck
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of an answer's checks."""

    sound: tuple[SoundCheck, ...] = ()
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True)
class Judge:
    """Judges checks for one module."""

    #: File name of the module.
    name: str
    module: OfflineModule
    #: JSON text of what answers are held against.
    contract: str
    leads_somewhere: Callable[[str], bool]
    trial: Trial
    #: Names of checks that were kept before.
    taken: set[str] = field(default_factory=set)

    def judged(self, proposed: Sequence[ProposedCheck]) -> Judged:
        """Judge an answer; the names of its sound checks are taken afterwards.

        Blocks for seconds. Raises UnavailableError where the cage or the formatter cannot be had.
        """
        sound: list[tuple[ProposedCheck, SoundCheck]] = []
        rejected: list[Rejected] = []
        names = set(self.taken)
        for check in proposed[:MAX_CHECKS]:
            found = self._read(check, names)
            if isinstance(found, SoundCheck):
                sound.append((check, found))
                names.add(found.name)
            else:
                rejected.append(Rejected(check, found))
        kept, failed = self._tried(sound)
        self.taken.update(check.name for check in kept)
        return Judged(tuple(kept), (*rejected, *failed))

    def _read(self, check: ProposedCheck, names: set[str]) -> SoundCheck | tuple[str, ...]:
        """The check by its text, or what is wrong with it."""
        try:
            draft = drafts.read(check.code)
        except UnsoundError as error:
            return (str(error),)
        problems = tuple(self._problems(check, draft, names))
        if problems:
            return problems
        pointer = check.pointer
        return SoundCheck(draft.name, check.intent, pointer, draft.function, draft.imports)

    def _problems(self, check: ProposedCheck, draft: Draft, names: set[str]) -> Iterator[str]:
        known = {*self.module.names, *names}
        if check.name != draft.name:
            yield f"The name has to be that of the function, {draft.name}."
        yield from drafts.problems(draft, known, self.module.fixtures)
        yield from depending.problems(draft)
        for name, place in draft.imports.items():
            if name in known and self.module.imports.get(name) != place:
                yield f"The module already has another {name}."
        if not self.leads_somewhere(check.pointer):
            yield "The pointer leads nowhere in the description."

    def _tried(
        self, checks: Sequence[tuple[ProposedCheck, SoundCheck]]
    ) -> tuple[list[SoundCheck], list[Rejected]]:
        if not checks:
            return [], []
        found = self._try([sound for _, sound in checks])
        if found.broken and len(checks) > 1:
            # One of them breaks the module; the others are not to suffer for it.
            parts = [self._tried([each]) for each in checks]
            return [s for kept, _ in parts for s in kept], [r for _, out in parts for r in out]
        kept, rejected = [], []
        for check, sound in checks:
            problem = found.broken or found.problems.get(sound.name, "")
            if problem:
                rejected.append(Rejected(check, (problem,)))
            else:
                kept.append(sound)
        return kept, rejected

    def _try(self, checks: Sequence[SoundCheck]) -> Tried:
        source = self.module.of_checks(checks)
        script = formatting.formatted({self.name: source})[self.name]
        return self.trial(self.name, script, self.contract)
