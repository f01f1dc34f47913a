"""Where a case's process asks for connections: the other end of the one descriptor it inherits.

A connection is a socket pair: one end goes to the process (SCM_RIGHTS, unix(7)), the other is
served by the gateway. So nothing listens anywhere, no other process can reach the gateway, and the
case's process needs neither socket(2) nor connect(2).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket

from worker.gateway.gateway import Gateway

#: Open at once for one case; a client that wants more is told so.
CONNECTIONS = 64
_WORD_BYTES = 16
_GIVEN = b"given"


class Dial:
    """Gives connections to one gateway; lives on the hub's loop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._tasks: set[asyncio.Task[None]] = set()
        # Packets, so that questions and answers of several threads never run into each other.
        self._here, self._there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    async def start(self) -> int:
        """Begin to answer; the descriptor is for the case's process to inherit."""
        self._here.settimeout(0)
        asyncio.get_running_loop().add_reader(self._here, self.answer)
        return self._there.fileno()

    async def stop(self) -> None:
        """Give no more connections and drop what is still going on."""
        asyncio.get_running_loop().remove_reader(self._here)
        self._here.close()
        self._there.close()
        # A task that has not begun yet would not close its connection.
        await asyncio.sleep(0)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def answer(self) -> None:
        """Take one question; a process that asks without listening gets nothing."""
        word = b""
        with contextlib.suppress(ConnectionError):
            word = self._here.recv(_WORD_BYTES)
        if not word:
            # It has closed its side for good; there is nothing more to read.
            asyncio.get_running_loop().remove_reader(self._here)
        elif len(self._tasks) < CONNECTIONS:
            self._connect()
        else:
            with contextlib.suppress(OSError):
                self._here.send(f"{CONNECTIONS} connections are open already".encode())

    def _connect(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._here, [_GIVEN], [theirs.fileno()])
            except OSError:
                ours.close()
                return
        task = asyncio.get_running_loop().create_task(self._serve(ours))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(0)
        reader, writer = await asyncio.open_connection(sock=connection)
        await self._gateway.serve(reader, writer)
