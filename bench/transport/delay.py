"""A TCP proxy that holds everything back for a while, in both directions, in order.

    python -m bench.transport.delay PORT TARGET ROUND_TRIP_MILLISECONDS

Throughput is not limited: each piece is passed on so long after it came.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from typing import Final

_PIECE: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Delay:
    """Where to, and how long one way takes."""

    host: str
    port: int
    seconds: float

    async def serve(self, port: int) -> asyncio.Server:
        """Listen on loopback."""
        return await asyncio.start_server(self._connected, "127.0.0.1", port)

    async def _connected(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            far, forth = await asyncio.open_connection(self.host, self.port)
        except OSError:
            back.close()
            return
        await asyncio.gather(self._pass_on(near, forth), self._pass_on(far, back))
        forth.close()
        back.close()

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._receive(source, pieces))
            group.create_task(_send(pieces, target))

    async def _receive(
        self, source: asyncio.StreamReader, pieces: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        now = asyncio.get_running_loop().time
        piece = b" "
        while piece:
            piece = b""
            with contextlib.suppress(OSError):
                piece = await source.read(_PIECE)
            pieces.put_nowait((now() + self.seconds, piece))


async def _send(pieces: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter) -> None:
    now = asyncio.get_running_loop().time
    with contextlib.suppress(OSError):
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(due - now())
            if not piece:
                # The other direction may go on.
                target.write_eof()
                return
            target.write(piece)
            await target.drain()


async def main(port: int, target: str, milliseconds: float) -> None:
    """Serve until ended."""
    host, _, number = target.rpartition(":")
    server = await Delay(host, int(number), milliseconds / 2000).serve(port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
