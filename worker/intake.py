"""Reading frames that cannot be trusted: their length, their JSON and the type of every field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from worker import frames

_FRAME: TypeAdapter[frames.Frame] = TypeAdapter(
    Annotated[frames.Frame, Field(discriminator="kind")]
)


class FrameError(Exception):
    """What came is no frame."""


class FrameReader:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> Iterator[frames.Frame]:
        """Take more bytes and yield the frames that are complete.

        Raises FrameError on a frame that is too long or has another shape.
        """
        self._pending += data
        while (body := self._cut()) is not None:
            yield _decode(body)

    def _cut(self) -> bytes | None:
        if len(self._pending) < frames.LENGTH.size:
            return None
        (length,) = frames.LENGTH.unpack_from(self._pending)
        if length > frames.FRAME_LIMIT:
            raise FrameError(f"a frame of {length} bytes, at most {frames.FRAME_LIMIT} are read")
        end = frames.LENGTH.size + length
        if len(self._pending) < end:
            return None
        body = bytes(self._pending[frames.LENGTH.size : end])
        del self._pending[:end]
        return body


def _decode(body: bytes) -> frames.Frame:
    try:
        return _FRAME.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise FrameError(f"a frame of another shape: {first['msg']} {place}".strip()) from error
