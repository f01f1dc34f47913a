from __future__ import annotations

import gzip
import zlib

import pytest

from app.domain.redaction import Redactor
from worker.gateway import recording
from worker.gateway.recording import Fact, Recorder, Taken
from worker.gateway.upstream import Received
from worker.gateway.wire import Answer, Request


def recorder(**secrets: str) -> Recorder:
    ticks = iter(range(1000))
    return Recorder("http://a.test", Redactor.of(secrets), 10, lambda: float(next(ticks)))


def request(body: bytes = b"", path: str = "/x") -> Request:
    return Request("POST", path, (("Authorization", "k"), ("X-A", "v")), body)


def test_an_exchange_is_kept_once_and_bounded() -> None:
    record = recorder()
    pending = record.begin(request(b"0123456789+", "/x?token=abc"))
    record.finish(pending, Received(Answer(201, b"Created", (("Date", "now"),), b"short")))
    (exchange,) = record.take().exchanges
    assert (exchange.method, exchange.url) == ("POST", "http://a.test/x?token=[redacted]")
    assert exchange.request.headers == (("Authorization", "[redacted]"), ("X-A", "v"))
    assert (exchange.request.body, exchange.request.truncated) == ("0123456789", True)
    assert exchange.response is not None
    assert (exchange.status, exchange.response.body) == (201, "short")
    assert (exchange.response.truncated, exchange.duration_seconds) == (False, 1.0)
    assert record.take() == Taken()


def test_a_secret_at_the_limit_leaves_no_part_of_itself() -> None:
    record = recorder(key="hemlighet")
    record.fail(record.begin(request(b"12345hemlighet")), "no hemlighet")
    (exchange,) = record.take().exchanges
    assert exchange.request.body == "12345[reda"
    assert exchange.error == "no [redacted]"


def test_a_response_that_comes_after_its_check_is_dropped() -> None:
    record = recorder()
    pending = record.begin(request())
    (exchange,) = record.take().exchanges
    assert exchange.error == "No response had come when the check ended."
    record.finish(pending, Received(Answer(200, b"OK", (), b"")))
    assert record.take() == Taken()


def test_every_request_is_a_fact_even_where_its_exchange_is_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recording, "_CHECK_LIMIT", 1)
    monkeypatch.setattr(recording, "_FACTS", 2)
    record = recorder()
    record.finish(record.begin(request(path="/a?q=1")), Received(Answer(200, b"", (), b"")))
    record.fail(record.begin(request(path="/b")), "no")
    taken = record.take()
    assert len(taken.exchanges) == 1
    assert taken.facts == (Fact("POST", "/a", 200), Fact("POST", "/b", None))
    assert taken.is_complete
    for _ in range(5):
        record.fail(record.begin(request()), "no")
    taken = record.take()
    assert (len(taken.facts), taken.is_complete) == (2, False)


def test_the_last_exchanges_of_a_check_are_kept() -> None:
    record = recorder()
    path = "/" + "p" * 4000
    for status in range(200, 500):
        record.finish(record.begin(request(path=path)), Received(Answer(status, b"", (), b"")))
    kept = record.take().exchanges
    assert 100 < len(kept) < 140
    assert kept[-1].status == 499


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", b"text"),
        ("identity", b"text"),
        ("gzip", gzip.compress(b"text", mtime=0)),
        ("x-gzip", gzip.compress(b"text", mtime=0)),
        ("deflate", zlib.compress(b"text")),
        ("Deflate", zlib.compress(b"text", wbits=-15)),
        ("gzip", gzip.compress(b"text", mtime=0)[:-4]),
    ],
)
def test_content_codings_are_undone_for_the_record(coding: str, body: bytes) -> None:
    headers = (("Content-Encoding", coding),) if coding else ()
    assert recording.decoded(headers, body, 100) == b"text"


@pytest.mark.parametrize(
    ("coding", "body"), [("br", b"abc"), ("gzip", b"abc"), ("gzip, br", b"abc")]
)
def test_what_cannot_be_undone_is_described(coding: str, body: bytes) -> None:
    shown = recording.decoded((("Content-Encoding", coding),), body, 100)
    assert shown == f"(3 bytes in content coding {coding})".encode()


def test_a_bomb_is_not_unfolded() -> None:
    body = gzip.compress(b"\0" * 50_000_000)
    assert len(recording.decoded((("Content-Encoding", "gzip"),), body, 100)) <= 101
