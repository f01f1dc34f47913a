from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.outcomes import Outcome
from worker import frames
from worker.frames import CheckBegan, CheckEnded, Collected, CollectionFailed, SessionEnded
from worker.intake import FrameError, FrameReader

ONE_OF_EACH: list[frames.Frame] = [
    Collected(("test_a", "test_b[1]")),
    CollectionFailed("no such module"),
    CheckBegan("test_a"),
    CheckEnded("test_a", Outcome.FAILED, "wrong", "trace", 0.25),
    SessionEnded(1),
]


@given(cuts=st.lists(st.integers(1, 60), min_size=1))
def test_frames_arrive_however_the_stream_is_cut(cuts: list[int]) -> None:
    stream = b"".join(frames.encode(frame) for frame in ONE_OF_EACH)
    reader = FrameReader()
    heard: list[frames.Frame] = []
    while stream:
        size = cuts.pop() if cuts else len(stream)
        heard += reader.feed(stream[:size])
        stream = stream[size:]
    assert heard == ONE_OF_EACH


def framed(body: bytes) -> bytes:
    return frames.LENGTH.pack(len(body)) + body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"kind": "session_ended"}',
        b'{"kind": "session_ended", "exit_status": "many"}',
        b'{"kind": "other"}',
        json.dumps(
            {"kind": "check_ended", "check": "a", "outcome": "splendid"}
            | {"message": "", "traceback": "", "duration_seconds": 1}
        ).encode(),
        frames.encode(CheckEnded("a", Outcome.PASSED, "", "", float("nan")))[4:],
        b'{"kind": "check_began", "check": "\\ud800"}',
        b"\xff\xfe",
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(FrameError, match="another shape"):
        list(FrameReader().feed(framed(body)))


def test_a_frame_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(FrameError, match="at most"):
        list(FrameReader().feed(frames.LENGTH.pack(frames.FRAME_LIMIT + 1)))


def test_the_largest_honest_frame_is_below_the_limit() -> None:
    """Even where every character needs six bytes as JSON."""
    worst = CheckEnded(
        "test_a",
        Outcome.FAILED,
        "\0" * frames.MESSAGE_LIMIT,
        "\0" * frames.TRACEBACK_LIMIT,
        0.1,
    )
    assert len(frames.encode(worst)) < frames.FRAME_LIMIT


def test_what_is_cut_is_said() -> None:
    assert frames.shorten("abc", 3) == "abc"
    assert frames.shorten("abcde", 3) == "abc… (2 more characters)"
