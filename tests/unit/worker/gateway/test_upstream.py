"""The gateway's client against servers that behave in every way."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.domain.network import NetworkPolicy
from worker.gateway import upstream
from worker.gateway.passage import Passage
from worker.gateway.rules import Origin, RefusedError
from worker.gateway.upstream import Received, Timeouts, Upstream, UpstreamError
from worker.gateway.wire import Answer, Request

ASK = Request("GET", "/x", (("Host", "a.test"),), b"")
LONG = Timeouts(5, 5)
Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def upstream_of(port: int, timeouts: Timeouts = LONG, *, host: str = "127.0.0.1") -> Upstream:
    target = Origin("http", host, port)
    passage = Passage(target, NetworkPolicy((host,)), 0, time.monotonic)
    return Upstream(target, passage, ssl.create_default_context(), timeouts, time.monotonic)


@asynccontextmanager
async def client_of(serve: Server, *, answer_seconds: float = 5.0) -> AsyncIterator[Upstream]:
    """A client for a server that serves each connection so; both are gone at the end."""
    served: list[asyncio.Task[None]] = []

    async def serve_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that leaves in the middle is what some of the tests are about.
        with suppress(OSError, EOFError):
            await serve(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.get_running_loop().create_task(serve_and_close(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    client = upstream_of(server.sockets[0].getsockname()[1], Timeouts(5, answer_seconds))
    try:
        yield client
    finally:
        client.close()
        server.close()
        await asyncio.gather(*served)


def ask(serve: Server, *requests: Request, answer_seconds: float = 5.0) -> list[Answer]:
    """Send requests one after the other to a server that serves each connection so."""

    async def talk() -> list[Answer]:
        async with client_of(serve, answer_seconds=answer_seconds) as client:
            return [(await client.send(request)).answer for request in requests]

    return asyncio.run(talk())


def answering(*texts: bytes, close: bool = False) -> Server:
    """Answer each request on a connection with the next text, then close or wait for its end."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for text in texts:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(text)
        if not close:
            await reader.read()
        writer.close()

    return serve


OK = b"HTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nok"


def test_a_connection_is_used_again() -> None:
    answers = ask(answering(OK, OK), ASK, ASK)
    assert answers == [Answer(200, b"Fine", (("Content-Length", "2"),), b"ok")] * 2


def test_a_connection_that_was_closed_meanwhile_is_replaced() -> None:
    connections = []
    closed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        await answering(OK, close=True)(reader, writer)
        closed.set()

    async def talk() -> None:
        async with client_of(serve) as client:
            for _ in range(2):
                assert (await client.send(ASK)).answer.body == b"ok"
                await closed.wait()
                # The end of the connection has been sent; give it time to arrive.
                await asyncio.sleep(0.05)

    asyncio.run(talk())
    assert len(connections) == 2


def test_interim_responses_are_passed_over() -> None:
    (answer,) = ask(answering(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK), ASK)
    assert answer.status == 200


def test_an_answer_before_the_whole_body_was_read_counts() -> None:
    """A server may refuse a large body and close at once."""
    large = Request(
        "POST", "/x", (("Host", "a.test"), ("Content-Length", "8000000")), b"x" * 8_000_000
    )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        while await reader.read(65536):
            pass
        writer.close()

    (answer,) = ask(serve, large)
    assert answer.status == 413


@pytest.mark.parametrize(
    ("serve", "reason"),
    [
        (answering(close=True), "closed before a response came|connection broke"),
        (answering(b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\n\r\n"), "closed before|gave no usable"),
        (answering(b"SSH-2.0-server\r\n\r\n"), "gave no usable answer"),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", close=True), "no usable"),
        (answering(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000 + b"\r\n\r\n"), "no usable"),
        (answering(b""), "did not answer within 0.5 seconds"),
    ],
    ids=["closes", "switches", "no http", "cut off", "long head", "silent"],
)
def test_what_is_no_answer_is_an_error(serve: Server, reason: str) -> None:
    with pytest.raises(UpstreamError, match=reason):
        ask(serve, ASK, answer_seconds=0.5)


def test_a_server_that_wants_another_protocol_gives_no_answer() -> None:
    upgrade = Request(
        "GET", "/x", (("Host", "a.test"), ("Connection", "upgrade"), ("Upgrade", "x")), b""
    )
    switch = b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    with pytest.raises(UpstreamError, match="before a response came"):
        ask(answering(switch), upgrade)


def test_an_endless_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "ANSWER_BYTES", 1000)
    text = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 2000
    with pytest.raises(UpstreamError, match="longer than 1000 bytes"):
        ask(answering(text), ASK)


def test_a_request_that_cannot_be_written_is_an_error_that_quotes_nothing() -> None:
    secret = Request("GET", "/x", (("Host", "a.test"), ("X-Key", "top\nsecret")), b"")
    with pytest.raises(UpstreamError, match="cannot be written") as caught:
        ask(answering(OK), secret)
    assert "secret" not in str(caught.value)


def test_a_target_that_accepts_no_connection_in_time_is_an_error() -> None:
    """In no time at all, none can."""

    async def talk() -> None:
        client = upstream_of(9, Timeouts(0, 1))
        await client.send(ASK)

    with pytest.raises(UpstreamError, match="did not accept a connection in time"):
        asyncio.run(talk())


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate that signs itself, for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Tests"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost"),
        ]
    )
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(dt.datetime(2099, 6, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


async def ask_secured(trusted: ssl.SSLContext, files: tuple[Path, Path]) -> list[Received]:
    """Two requests over one secured connection."""
    served: list[asyncio.Task[None]] = []

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.ensure_future(answering(OK, OK)(reader, writer)))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    target = Origin("https", "localhost", server.sockets[0].getsockname()[1])
    way = Passage(target, NetworkPolicy(("localhost",)), 0, time.monotonic)
    client = Upstream(target, way, trusted, LONG, time.monotonic)
    try:
        return [await client.send(ASK) for _ in range(2)]
    finally:
        client.close()
        server.close()
        await asyncio.gather(*served, return_exceptions=True)


def test_a_secured_connection_says_how_and_by_whom(tmp_path: Path) -> None:
    files = certificate(tmp_path)
    trusted = ssl.create_default_context(cafile=str(files[0]))
    first, second = asyncio.run(ask_secured(trusted, files))
    assert first.tls == second.tls
    assert first.tls is not None
    assert first.tls.version == "TLSv1.3"
    assert first.tls.cipher.startswith("TLS_")
    assert first.tls.subject == "organizationName=Tests, commonName=localhost"
    assert first.tls.issuer == first.tls.subject
    assert first.tls.expires == "Jun  1 00:00:00 2099 GMT"
    assert all((first.timings.connect, first.timings.tls, first.timings.first_byte))
    # The second request used the same connection.
    assert (second.timings.connect, second.timings.tls) == (None, None)


def test_a_target_that_is_not_trusted_cannot_be_reached(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match=r"cannot be reached: .*certificate"):
        asyncio.run(ask_secured(ssl.create_default_context(), certificate(tmp_path)))


def test_every_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes no connection is passed over, of whatever family it is."""

    async def talk() -> int:
        async with client_of(answering(OK)) as client:
            client._passage._pinned = ("::1", "127.0.0.2", "127.0.0.1")
            return (await client.send(ASK)).answer.status

    assert asyncio.run(talk()) == 200


def test_an_address_that_may_not_be_asked_is_refused() -> None:
    async def talk() -> None:
        target = Origin("http", "127.0.0.1", 9)
        way = Passage(target, NetworkPolicy(), 0, time.monotonic)
        client = Upstream(target, way, ssl.create_default_context(), LONG, time.monotonic)
        await client.send(ASK)

    with pytest.raises(RefusedError, match="not on the public Internet"):
        asyncio.run(talk())
