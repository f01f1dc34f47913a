"""The API that is tested: takes its time to answer, and writes down when it did.

    python -m bench.progress.api NOTES MILLISECONDS

prints its address and serves until its standard input is closed. A line of NOTES is the path that
was asked for and the time since the epoch, in seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Final, TextIO

_BODY: Final = json.dumps({"id": "7", "size": 3}).encode()
_ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
)


class _Things(asyncio.Protocol):
    """Answers GET requests, which have no body."""

    def __init__(self, notes: TextIO, seconds: float) -> None:
        self._notes = notes
        self._seconds = seconds
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a stream server gives
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._pending = (self._pending + data).split(b"\r\n\r\n")
        loop = asyncio.get_running_loop()
        for request in requests:
            path = request.split(b" ", 2)[1].decode()
            loop.call_later(self._seconds, self._answer, path)

    def _answer(self, path: str) -> None:
        self._transport.write(_ANSWER)
        self._notes.write(f"{path} {time.time()}\n")


async def _serve(notes: TextIO, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Things(notes, seconds), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    with Path(sys.argv[1]).open("w", buffering=1, encoding="utf-8") as file:
        asyncio.run(_serve(file, float(sys.argv[2]) / 1000))
