"""The proxy holds back what it passes on, in order."""

from __future__ import annotations

import asyncio
import time

from bench.transport.delay import Delay


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(1000):
        writer.write(piece)
    writer.close()


async def over() -> None:
    """Wait until every connection is closed, on both sides."""
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others, timeout=20)
    # Closing takes effect in the loop's next turns.
    for _ in range(3):
        await asyncio.sleep(0)


def port_of(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def round_trip(*pieces: bytes) -> tuple[bytes, float]:
    """What comes back through a proxy that takes 25 ms each way, and after how many seconds."""
    async with await asyncio.start_server(echo, "127.0.0.1", 0) as target:
        delay = Delay("127.0.0.1", port_of(target), 0.025)
        async with await delay.serve(0) as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", port_of(proxy))
            began = time.monotonic()
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            writer.write_eof()
            answer = await reader.read()
            took = time.monotonic() - began
            writer.close()
            await over()
    return answer, took


def test_each_way_takes_its_time_and_pieces_do_not_add_up() -> None:
    answer, took = asyncio.run(round_trip(b"one", b"two", b"three"))
    assert answer == b"onetwothree"
    assert took >= 0.05


async def refused() -> bytes:
    async with await asyncio.start_server(echo, "127.0.0.1", 0) as gone:
        port = port_of(gone)
    async with await Delay("127.0.0.1", port, 0.0).serve(0) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(proxy))
        answer = await reader.read()
        writer.close()
        await over()
    return answer


def test_a_target_that_is_away_closes_the_connection() -> None:
    assert asyncio.run(refused()) == b""
