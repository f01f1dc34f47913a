"""When a question that a model did not answer is asked again. Pure."""

from __future__ import annotations

#: The pause before the first repetition, at most; each next one may be twice as long.
FIRST_SECONDS = 1.0
LONGEST_SECONDS = 30.0
#: Who asks for more patience (Retry-After of RFC 9110, section 10.2.3) is not asked again.
PATIENCE_SECONDS = 60.0


def pause(attempts: int, most: int, asked: float | None, chance: float) -> float | None:
    """Seconds to wait after so many attempts; None where it is given up.

    `most` repetitions are made; `asked` is what the other side asked for, `chance` in [0, 1) keeps
    those who failed together from coming back together ("full jitter").
    """
    if attempts > most or (asked or 0.0) > PATIENCE_SECONDS:
        return None
    own = chance * min(FIRST_SECONDS * 2.0 ** (attempts - 1), LONGEST_SECONDS)
    return own + (asked or 0.0)
