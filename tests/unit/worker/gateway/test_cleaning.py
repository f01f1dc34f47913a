"""The gateway deletes what a case left behind, whatever the target makes of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from app.domain.network import NetworkPolicy
from app.domain.redaction import Redactor
from app.domain.results import Deletion
from worker.gateway import creations
from worker.gateway.creations import Creations
from worker.gateway.gateway import Gateway
from worker.gateway.passage import Passage
from worker.gateway.placeholders import Placeholders
from worker.gateway.recording import Recorder
from worker.gateway.rules import Origin
from worker.gateway.upstream import Timeouts
from worker.gateway.wire import Answer, Request

CONTRACT = json.dumps({"operations": {"POST /books": {}, "DELETE /books/{id}": {}}})
LOOPBACK = NetworkPolicy(("127.0.0.1",))


@dataclass
class Target:
    """Answers by path: /books/dropped is not answered, /books/silent never, the rest well."""

    asked: list[str] = field(default_factory=list)
    #: A creation has come.
    came: asyncio.Event = field(default_factory=asyncio.Event)
    #: It may be answered.
    release: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, path, _ = head.decode().split(" ", 2)
        self.asked.append(f"{method} {path}")
        if method == "POST":
            self.came.set()
            await self.release.wait()
            body = b'{"id": 7}'
            writer.write(b"HTTP/1.1 201 Made\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        elif path == "/books/silent":
            await reader.read()
        elif path == "/books/kept-hemlig":
            writer.write(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        elif path != "/books/dropped":
            writer.write(b"HTTP/1.1 204 Gone\r\nConnection: close\r\n\r\n")


@contextlib.asynccontextmanager
async def gateway_to(
    target: Target, *, network: NetworkPolicy = LOOPBACK, seconds: float = 20
) -> AsyncIterator[Gateway]:
    served: list[asyncio.Task[None]] = []

    async def serve_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            await target.serve(reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.get_running_loop().create_task(serve_and_close(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    origin = Origin("http", "127.0.0.1", server.sockets[0].getsockname()[1])
    redactor = Redactor.of({}, secrets=["hemlig"])
    yield Gateway(
        target=origin,
        headers={},
        placeholders=Placeholders.of({}, {}, salt=""),
        redactor=redactor,
        recorder=Recorder(str(origin), redactor, 100, time.monotonic),
        passage=Passage(origin, network, 0, time.monotonic),
        tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        timeouts=Timeouts(20, 20, seconds),
        clock=time.monotonic,
        creations=Creations(CONTRACT, str(origin)),
    )
    server.close()
    await asyncio.gather(*served)


def created(gateway: Gateway, *ids: str) -> None:
    """The case has created books."""
    assert gateway.creations is not None
    headers = (("Host", gateway.target.host),)
    for each in ids:
        body = json.dumps({"id": each}).encode()
        gateway.creations.note(Request("POST", "/books", headers, b""), Answer(201, b"", (), body))


Scene = Callable[[Gateway, Target], Awaitable[tuple[Deletion, ...]]]


def told(scene: Scene, *, network: NetworkPolicy = LOOPBACK, seconds: float = 20) -> list[Deletion]:
    """What a scene tells, its origin left aside."""

    async def play() -> list[Deletion]:
        target = Target()
        async with gateway_to(target, network=network, seconds=seconds) as gateway:
            deletions = await scene(gateway, target)
            origin = str(gateway.target)
            assert all(each.url.startswith(origin) for each in deletions)
            return [
                Deletion(each.url.removeprefix(origin), each.status, each.remark)
                for each in deletions
            ]

    return asyncio.run(play())


def of(*ids: str) -> Scene:
    """A scene: the case has created so many books, and ends."""

    async def scene(gateway: Gateway, _: Target) -> tuple[Deletion, ...]:
        created(gateway, *ids)
        return await gateway.clean_up()

    return scene


def test_what_cannot_be_deleted_is_told_and_keeps_nothing_else() -> None:
    gone, dropped, kept, last = told(of("b", "kept-hemlig", "dropped", "a"))
    assert (gone, last) == (Deletion("/books/a", 204), Deletion("/books/b", 204))
    assert kept == Deletion("/books/kept-[redacted]", 403, "DELETE was answered 403.")
    assert dropped.status is None
    assert "no usable answer" in dropped.remark


def test_an_address_that_may_not_be_asked_is_not_asked_for_this_either() -> None:
    (refused,) = told(of("a"), network=NetworkPolicy())
    assert "must not be asked" in refused.remark


def test_time_for_it_is_bounded() -> None:
    """What is not answered says so; for the rest there is no time left."""
    late, never = told(of("a", "silent"), seconds=0.2)
    assert late == Deletion("/books/silent", None, "It was not deleted in time.")
    assert never == Deletion("/books/a", None, "There was no time left to delete it.")


def test_that_more_was_created_than_is_deleted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creations, "MOST", 1)
    gone, more = told(of("a", "b", "c"))
    assert gone == Deletion("/books/a", 204)
    assert more == Deletion("", None, "2 more were created than are deleted after one case.")


def test_nothing_is_deleted_where_nobody_wants_it() -> None:
    async def scene(gateway: Gateway, _: Target) -> tuple[Deletion, ...]:
        gateway.creations = None
        return await gateway.clean_up()

    assert told(scene) == []


@contextlib.asynccontextmanager
async def posting(gateway: Gateway, target: Target) -> AsyncIterator[socket.socket]:
    """A case that asks for a book, then for another one; the first is at the target."""
    theirs, ours = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    serving = asyncio.create_task(gateway.serve(reader, writer))
    head = f"Host: {gateway.target.host}\r\nX-Testops-Target: {gateway.target}\r\n"
    with theirs:
        theirs.sendall(f"POST /books HTTP/1.1\r\n{head}Content-Length: 0\r\n\r\n".encode() * 2)
        await target.came.wait()
        yield theirs
    await serving


def test_what_is_being_created_when_the_case_ends_is_waited_for_and_deleted() -> None:
    """And what the case had asked for besides is not sent any more."""

    async def scene(gateway: Gateway, target: Target) -> tuple[Deletion, ...]:
        async with posting(gateway, target):
            cleaning = asyncio.create_task(gateway.clean_up())
            await asyncio.sleep(0)
            target.release.set()
            found = await cleaning
        assert target.asked == ["POST /books", "DELETE /books/7"]
        return found

    assert told(scene) == [Deletion("/books/7", 204)]


def test_that_a_creation_was_not_answered_in_time_is_told() -> None:
    async def scene(gateway: Gateway, target: Target) -> tuple[Deletion, ...]:
        async with posting(gateway, target):
            found = await gateway.clean_up()
            target.release.set()
        return found

    (unknown,) = told(scene, seconds=0.1)
    assert unknown == Deletion("/books", None, "The case had ended before it was answered.")
