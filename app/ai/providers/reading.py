"""Reads what a vendor sends no further than an answer can be long.

A limit of time alone would let a fast server fill the memory, and a compressed body is a thousand
times as long as what comes over the wire: nothing compressed is asked for, or taken.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from typing import cast

import httpx2

#: Many times what an event of a stream takes that brings a single token.
BYTES_OF_TOKEN = 2048
#: What else a vendor may say.
BYTES_BESIDE = 1024 * 1024
_PLAIN = "identity"


class OversizeError(Exception):
    """A vendor sends more than an answer can be; the message says what."""


class RedirectError(Exception):
    """A vendor wants to be asked elsewhere: the question, and the key, are for nobody else."""


def client(timeout: httpx2.Timeout, trust: ssl.SSLContext, most_tokens: int) -> httpx2.AsyncClient:
    """Connections that raise OversizeError while an answer is read, and RedirectError."""
    most_bytes = BYTES_BESIDE + most_tokens * BYTES_OF_TOKEN

    async def bound(response: httpx2.Response) -> None:
        if response.is_redirect:
            raise RedirectError(str(response.status_code))
        if response.headers.get("Content-Encoding", _PLAIN).lower() != _PLAIN:
            raise OversizeError("it was compressed, which nobody asked for")
        body = cast("httpx2.AsyncByteStream", response.stream)
        response.stream = _Bounded(body, most_bytes)

    return httpx2.AsyncClient(
        timeout=timeout,
        verify=trust,
        headers={"Accept-Encoding": _PLAIN},
        event_hooks={"response": [bound]},
    )


class _Bounded(httpx2.AsyncByteStream):
    """A body that raises OversizeError past its limit."""

    def __init__(self, body: httpx2.AsyncByteStream, most_bytes: int) -> None:
        self._body = body
        self._most_bytes = most_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most_bytes
        async for chunk in self._body:
            left -= len(chunk)
            if left < 0:
                raise OversizeError(f"it was longer than {self._most_bytes} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()
