"""The API that is tested: answers at once, in a process of its own.

`python -m bench.runner.api` prints its address and serves until its standard input is closed.
"""

from __future__ import annotations

import asyncio
import json
import sys

_THING = {"id": "7", "name": "a thing", "tags": ["blue", "round"], "size": 3}
_BODIES = {
    200: json.dumps(_THING).encode(),
    404: json.dumps({"title": "no such thing", "status": 404}).encode(),
}
_ANSWERS = {
    status: (
        f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(_BODIES[status])}\r\n\r\n"
    ).encode()
    + _BODIES[status]
    for status, phrase in ((200, "OK"), (404, "Not Found"))
}


class _Things(asyncio.Protocol):
    """Answers GET requests, which have no body; those for `unknown` with 404."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a stream server gives
        self._transport = transport
        self._pending = b""

    def data_received(self, data: bytes) -> None:
        *requests, self._pending = (self._pending + data).split(b"\r\n\r\n")
        for request in requests:
            path = request.split(b" ", 2)[1]
            self._transport.write(_ANSWERS[404 if path.endswith(b"unknown") else 200])


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Things, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
