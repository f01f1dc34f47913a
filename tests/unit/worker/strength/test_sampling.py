"""A sample is bounded, in order, the same for the same seed, and has something of every kind."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.strength import Duty, Kind
from tests.factories.exchanges import exchange
from worker.strength import sampling
from worker.strength.mutations import mutation
from worker.strength.sampling import Due

DUTY = Duty("a rule", "a source")
DUE = st.lists(st.sampled_from(Kind), max_size=30).map(
    lambda kinds: [
        (mutation(kind, number, "", "", exchange("GET", f"/{number}", 200)), DUTY)
        for number, kind in enumerate(kinds)
    ]
)


@given(DUE, st.integers(0, 12), st.text(max_size=3))
def test_a_sample_is_bounded_ordered_and_repeatable(due: list[Due], most: int, seed: str) -> None:
    taken = sampling.sample(due, most, seed)

    assert len(taken) == min(most, len(due))
    assert [each for each in due if each in taken] == list(taken)
    assert sampling.sample(due, most, seed) == taken


@given(DUE, st.integers(len(Kind), 12))
def test_every_kind_has_its_share(due: list[Due], most: int) -> None:
    taken = sampling.sample(due, most, "")

    assert {m.change.kind for m, _ in taken} == {m.change.kind for m, _ in due}


def test_another_seed_takes_others() -> None:
    due: list[Due] = [
        (mutation(Kind.NULLED, n, "", "", exchange("GET", "/", 200)), DUTY) for n in range(30)
    ]

    assert len({sampling.sample(due, 5, str(seed)) for seed in range(9)}) > 1
