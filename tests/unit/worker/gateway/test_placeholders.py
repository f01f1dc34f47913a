"""Secrets on their way out, and on their way back."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Callable

import pytest

from worker.gateway import placeholders
from worker.gateway.placeholders import Placeholders
from worker.gateway.wire import Answer, Request

SECRET = 'p@ss "wörd" & more'
KEPT = Placeholders.of({"PASSWORD": SECRET}, {}, salt="r1 c1")
MARK = KEPT.names["PASSWORD"]


def sent(
    path: str = "/", body: bytes | str = b"", content_type: str = "text/plain", **headers: str
) -> Request:
    data = body.encode() if isinstance(body, str) else body
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    length = (("Content-Type", content_type), ("Content-Length", str(len(data))))
    return KEPT.filled(Request("POST", path, (*length, *named), data))


def header(message: Request | Answer, name: str) -> str:
    return dict(message.headers)[name]


def test_a_placeholder_survives_every_encoding_and_is_its_cases_own() -> None:
    assert MARK.isalnum()
    assert MARK.isascii()
    assert SECRET not in MARK
    assert placeholders.placeholder("PASSWORD", "r1 c2") != MARK


def test_the_value_is_spelled_as_its_place_wants_it() -> None:
    asked = sent(f"/login/{MARK}?key={MARK}", X_Key=f"key {MARK}")
    escaped = "p%40ss%20%22w%C3%B6rd%22%20%26%20more"
    assert asked.path == f"/login/{escaped}?key={escaped}"
    assert header(asked, "X-Key").encode("latin-1").decode() == f"key {SECRET}"


@pytest.mark.parametrize(
    ("content_type", "spelled"),
    [
        ("text/plain", SECRET),
        ("application/json; charset=utf-8", 'p@ss \\"w\\u00f6rd\\" & more'),
        ("application/problem+json", 'p@ss \\"w\\u00f6rd\\" & more'),
        ("application/x-www-form-urlencoded", "p%40ss+%22w%C3%B6rd%22+%26+more"),
        ("application/xml", "p@ss &quot;wörd&quot; &amp; more"),
    ],
)
def test_a_body_is_filled_and_its_length_kept_right(content_type: str, spelled: str) -> None:
    asked = sent(body=f"<{MARK}>", content_type=content_type)
    assert asked.body.decode() == f"<{spelled}>"
    assert header(asked, "Content-Length") == str(len(asked.body))


def test_basic_credentials_are_filled_inside_their_base64() -> None:
    pair = base64.b64encode(f"user:{MARK}".encode()).decode()
    asked = sent(Authorization=f"Basic {pair}")
    told = header(asked, "Authorization").removeprefix("Basic ")
    assert base64.b64decode(told).decode() == f"user:{SECRET}"
    assert header(sent(Authorization="Basic no base64!"), "Authorization") == "Basic no base64!"


def test_a_request_without_a_placeholder_is_sent_as_it_is() -> None:
    asked = Request("GET", "/x", (("X-A", "b"),), b"\xff")
    assert KEPT.filled(asked) == asked
    assert Placeholders.of({}, {}, salt="").filled(asked) is asked


@pytest.mark.parametrize(
    ("coding", "pack", "unpack"),
    [
        ("", bytes, bytes),
        ("gzip", gzip.compress, gzip.decompress),
        ("deflate", zlib.compress, zlib.decompress),
        ("deflate", lambda text: zlib.compress(text, wbits=-15), zlib.decompress),
    ],
)
def test_what_the_target_repeats_comes_back_as_the_placeholder(
    coding: str,
    pack: Callable[[bytes], bytes],
    unpack: Callable[[bytes], bytes],
) -> None:
    body = pack(f"you said {SECRET}.".encode())
    headers = (("Content-Encoding", coding), ("Content-Length", str(len(body))))
    said = ("X-Said", "p%40ss%20%22w%C3%B6rd%22%20%26%20more")
    answer = KEPT.emptied(Answer(200, b"OK", (*headers, said), body))
    assert unpack(answer.body).decode() == f"you said {MARK}."
    assert header(answer, "X-Said") == MARK
    assert header(answer, "Content-Length") == str(len(answer.body))


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"nothing secret", mtime=0)),
        ("gzip", b"no gzip at all"),
        ("br", b"unreadable"),
        ("", b"nothing secret"),
    ],
)
def test_an_answer_that_repeats_nothing_stays_as_it_is(coding: str, body: bytes) -> None:
    answer = Answer(200, b"OK", (("Content-Encoding", coding),), body)
    assert KEPT.emptied(answer) == answer


def test_more_than_can_be_looked_through_is_handed_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placeholders, "_UNPACKED_BYTES", 10)
    answer = Answer(200, b"OK", (("Content-Encoding", "gzip"),), gzip.compress(SECRET.encode()))
    assert KEPT.emptied(answer) == answer


def test_credentials_of_every_request_come_back_masked() -> None:
    """Header values that are no credentials, and short ones, are honest text."""
    headers = {"Authorization": "Bearer abcdefgh", "X-Tenant": "a-tenant", "X-Api-Key": "short"}
    others = {"Cookie": "theme=dark; session=ijklmnop", "X-Ledger-Key": "qrstuvwx"}
    kept = Placeholders.of({}, headers, others, salt="")
    inside = base64.b64encode(b"--abcdefgh--")
    body = b"abcdefgh ijklmnop qrstuvwx dark a-tenant short " + inside
    masked = kept.emptied(Answer(200, b"OK", (), body)).body
    assert masked.startswith(b"[redacted] [redacted] [redacted] dark a-tenant short ")
    assert inside not in masked
    plain = Placeholders.of({}, {"X-Tenant": "a-tenant"}, salt="")
    answer = Answer(200, b"OK", (), body)
    assert plain.emptied(answer) is answer


def test_what_is_learnt_later_comes_back_masked_too() -> None:
    """A named secret still comes back as its placeholder."""
    kept = KEPT.also("a-token-of-now").also(SECRET).also("short")
    answer = kept.emptied(Answer(200, b"OK", (), f"a-token-of-now {SECRET} short".encode()))
    assert answer.body.decode() == f"[redacted] {MARK} short"
