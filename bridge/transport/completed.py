"""Finished offsets beyond the committed one, as text for the commit's metadata: a pure codec.

The text is a version mark and base85 of zlib of: a letter for the form, the committed offset
(8 bytes), then the form that came out shorter: `B`, a bit for each offset from the committed one
on, lowest bit first; or `R`, the lengths of the runs of unfinished and finished offsets in turn,
as decimals. As the committed offset is within, the text means nothing beside any other.
"""

from __future__ import annotations

import base64
import itertools
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

#: Kafka's `offset.metadata.max.bytes` is 4096 unless its administrator changes it.
MOST_BYTES: Final = 4000
#: Offsets from the committed one on that are ever encoded or decoded: bounds work and memory.
MOST_SPAN: Final = 100_000

_MARK: Final = "done1:"
_BITMAP: Final = b"B"
_RUNS: Final = b"R"
_HEAD_BYTES: Final = 9
#: The longest form is runs of one: a digit and a comma for each offset.
_MOST_RAW: Final = 2 * MOST_SPAN + 64


def encode(committed: int, finished: Iterable[int], most_bytes: int = MOST_BYTES) -> str:
    """The text for offsets that are finished, none below `committed`; empty for none.

    Where they do not all fit into `most_bytes`, the largest ones are left out.
    """
    ahead = sorted(offset - committed for offset in finished)
    ahead = ahead[: bisect_left(ahead, MOST_SPAN)]
    while ahead:
        text = _text(committed, ahead)
        if len(text) <= most_bytes:
            return text
        # One tenth fewer than in proportion: how well the rest compresses is not known.
        ahead = ahead[: len(ahead) * most_bytes * 9 // (len(text) * 10)]
    return ""


def decode(committed: int, text: str) -> frozenset[int]:
    """The finished offsets of a text that was committed with this offset.

    None for any text that `encode` did not make for this offset: those of other programs and
    versions, damaged ones, and ones that would unpack to more than MOST_SPAN.
    """
    try:
        return frozenset(committed + position for position in _positions(committed, text))
    except (ValueError, zlib.error):
        return frozenset()


def _text(committed: int, ahead: Sequence[int]) -> str:
    forms = ((_BITMAP, _bitmap(ahead)), (_RUNS, _runs(ahead)))
    head = _offset(committed)
    packed = min((zlib.compress(kind + head + body) for kind, body in forms), key=len)
    return _MARK + base64.b85encode(packed).decode()


def _positions(committed: int, metadata: str) -> Iterable[int]:
    # Metadata may hold more, see `marks`.
    text = metadata.partition(" ")[0]
    if not text.startswith(_MARK):
        return ()
    inflater = zlib.decompressobj()
    raw = inflater.decompress(base64.b85decode(text.removeprefix(_MARK)), _MOST_RAW)
    kind, offset, body = raw[:1], raw[1:_HEAD_BYTES], raw[_HEAD_BYTES:]
    # Without the end it is cut off, or longer than anything that `encode` makes.
    if not inflater.eof or offset != _offset(committed):
        return ()
    if kind == _BITMAP:
        return _of_bitmap(body)
    return _of_runs(body) if kind == _RUNS else ()


def _offset(committed: int) -> bytes:
    return committed.to_bytes(8, "big")


def _bitmap(ahead: Sequence[int]) -> bytes:
    bits = bytearray(ahead[-1] // 8 + 1)
    for position in ahead:
        bits[position >> 3] |= 1 << (position & 7)
    return bytes(bits)


def _of_bitmap(body: bytes) -> Iterable[int]:
    if len(body) * 8 > MOST_SPAN:
        raise ValueError("the bitmap is too long")
    return (
        place * 8 + bit for place, byte in enumerate(body) for bit in range(8) if byte >> bit & 1
    )


def _runs(ahead: Sequence[int]) -> bytes:
    edges = [0]
    for position in ahead:
        if len(edges) > 1 and edges[-1] == position:
            edges[-1] = position + 1
        else:
            edges += (position, position + 1)
    return b",".join(b"%d" % (end - start) for start, end in itertools.pairwise(edges))


def _of_runs(body: bytes) -> Iterable[int]:
    lengths = [int(length) for length in body.split(b",")]
    if min(lengths) < 0 or sum(lengths) > MOST_SPAN:
        raise ValueError("the runs are wrong")
    edges = list(itertools.accumulate(lengths, initial=0))
    finished = zip(edges[1::2], edges[2::2], strict=False)
    return itertools.chain.from_iterable(itertools.starmap(range, finished))
