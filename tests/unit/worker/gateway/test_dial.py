"""The gateway's end of the dial, where a case's process does not behave."""

from __future__ import annotations

import asyncio
import socket
import ssl

from app.domain.network import NetworkPolicy
from app.domain.redaction import Redactor
from worker.gateway import dial
from worker.gateway.dial import Dial
from worker.gateway.gateway import Gateway
from worker.gateway.passage import Passage
from worker.gateway.placeholders import Placeholders
from worker.gateway.recording import Recorder
from worker.gateway.rules import Origin
from worker.gateway.upstream import Timeouts


def gateway() -> Gateway:
    target = Origin("http", "127.0.0.1", 9)
    return Gateway(
        target=target,
        headers={},
        placeholders=Placeholders.of({}, {}, salt=""),
        redactor=Redactor(),
        recorder=Recorder(str(target), Redactor(), 10, lambda: 0.0),
        passage=Passage(target, NetworkPolicy(), 0, lambda: 0.0),
        tls=ssl.create_default_context(),
        timeouts=Timeouts(),
        clock=lambda: 0.0,
    )


def test_a_process_that_is_gone_before_its_answer_leaves_nothing() -> None:
    async def scene() -> None:
        line = Dial(gateway())
        with socket.socket(fileno=await line.start()) as there:
            there.send(b"?")
            # Detached by the dial's own end: this closes the process's side.
            line._there.detach()
        line.answer()
        assert not line._tasks
        await line.stop()

    asyncio.run(scene())


def test_a_process_that_reads_no_refusals_does_not_stop_the_gateway() -> None:
    async def scene() -> None:
        line = Dial(gateway())
        with socket.socket(fileno=socket.dup(await line.start())) as there:
            for _ in range(dial.CONNECTIONS):
                there.send(b"?")
                line.answer()
            there.send(b"?")
            line.answer()
            there.send(b"?")
        line._there.close()
        line.answer()
        assert len(line._tasks) == dial.CONNECTIONS
        await line.stop()

    asyncio.run(scene())
