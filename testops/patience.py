"""Answers that come too slowly end: a limit for each read alone lets one trickle for ever."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from typing import cast

import httpx


class Transport(httpx.HTTPTransport):
    """HTTP as httpx has it, but a body has to be there within the limit of a read."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        super().__init__(verify=trust, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; reading its answer raises httpx.ReadTimeout where that takes too long."""
        response = super().handle_request(request)
        deadline = time.monotonic() + request.extensions["timeout"]["read"]
        response.stream = _Body(cast("httpx.SyncByteStream", response.stream), deadline)
        return response


class _Body(httpx.SyncByteStream):
    """A body that is read until a deadline on the monotonic clock."""

    def __init__(self, stream: httpx.SyncByteStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() > self._deadline:
                raise httpx.ReadTimeout("it did not end in time")
            yield chunk

    def close(self) -> None:
        self._stream.close()
