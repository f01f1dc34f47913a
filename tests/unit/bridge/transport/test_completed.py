import base64
import random
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.transport import completed

offsets = st.integers(0, 2**62)
positions = st.sets(st.integers(0, 400), max_size=200) | st.sets(
    st.integers(0, completed.MOST_SPAN - 1), max_size=40
)


def made(kind: bytes, body: bytes, committed: int = 0) -> str:
    packed = zlib.compress(kind + committed.to_bytes(8, "big") + body)
    return "done1:" + base64.b85encode(packed).decode()


@given(offsets, positions)
def test_what_fits_comes_back(committed: int, ahead: set[int]) -> None:
    finished = {committed + position for position in ahead}
    text = completed.encode(committed, finished)

    assert len(text) <= completed.MOST_BYTES
    assert text.isascii()
    assert completed.decode(committed, text) == finished


@given(positions, st.integers(0, 80))
def test_what_does_not_fit_is_left_out_from_the_largest(ahead: set[int], most: int) -> None:
    text = completed.encode(7, {7 + position for position in ahead}, most)
    kept = completed.decode(7, text)

    assert len(text) <= most
    assert sorted(kept) == sorted(7 + position for position in ahead)[: len(kept)]


def test_nothing_is_no_text() -> None:
    assert completed.encode(5, []) == ""
    assert completed.decode(5, "") == frozenset()


def test_a_random_half_of_24000_fits_and_of_100000_only_the_smallest() -> None:
    dice = random.Random(1)  # noqa: S311 - reproducible noise, no secret
    few = {offset for offset in range(1, 24_000) if dice.random() < 0.5}
    assert completed.decode(0, completed.encode(0, few)) == few

    many = {offset for offset in range(1, 100_000) if dice.random() < 0.5}
    kept = completed.decode(0, completed.encode(0, many))
    assert 10_000 < len(kept) < len(many)
    assert kept == set(sorted(many)[: len(kept)])


@pytest.mark.parametrize("step", [1, 2, 1000])
def test_patterns_of_any_length_fit(step: int) -> None:
    finished = set(range(9, 8 + completed.MOST_SPAN, step))
    text = completed.encode(8, finished)
    assert len(text) < 1000
    assert completed.decode(8, text) == finished


def test_what_is_too_far_ahead_is_left_out() -> None:
    text = completed.encode(0, [1, completed.MOST_SPAN])
    assert completed.decode(0, text) == {1}


def test_a_text_means_nothing_beside_another_offset() -> None:
    """Whoever moves a group's offset by hand gets its messages again."""
    assert completed.decode(4, completed.encode(5, [6])) == frozenset()


@given(st.text() | st.text(alphabet=st.characters(max_codepoint=127)).map("done1:".__add__))
@example("done1:" + base64.b85encode(zlib.compress(b"")).decode())
@example("done2:" + completed.encode(0, [1]).removeprefix("done1:"))
def test_any_text_of_others_is_nothing(text: str) -> None:
    assert completed.decode(0, text) == frozenset()


@given(positions.filter(bool), st.data())
def test_a_damaged_text_is_nothing_or_the_same(ahead: set[int], data: st.DataObject) -> None:
    text = completed.encode(0, ahead)
    place = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:place] + data.draw(st.characters(codec="ascii")) + text[place + 1 :]
    assert completed.decode(0, damaged) in (frozenset(), ahead)
    assert completed.decode(0, text[:place]) == frozenset()


@given(st.sampled_from([b"B", b"R", b"", b"X"]), st.binary(max_size=30))
def test_a_well_packed_text_with_any_body_raises_nothing(kind: bytes, body: bytes) -> None:
    assert len(completed.decode(0, made(kind, body))) <= completed.MOST_SPAN


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(made(b"B", b"\xff" * (completed.MOST_SPAN // 8 + 1)), id="long bitmap"),
        pytest.param(made(b"R", b"0,%d" % (completed.MOST_SPAN + 1)), id="long run"),
        pytest.param(made(b"R", b"5,-3,2"), id="negative run"),
        pytest.param(made(b"R", b"9" * 100_000), id="endless number"),
        pytest.param(made(b"R", b"1," * 5_000_000 + b"1"), id="bomb"),
        pytest.param(made(b"X", b"1,1"), id="form of a later version"),
    ],
)
def test_what_encode_never_makes_is_nothing(text: str) -> None:
    assert completed.decode(0, text) == frozenset()


def test_the_longest_form_is_read() -> None:
    runs = b",".join([b"1"] * completed.MOST_SPAN)
    assert len(completed.decode(0, made(b"R", runs))) == completed.MOST_SPAN // 2
