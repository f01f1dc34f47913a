"""Looks at a run as its page does: is told of changes, and asks for what it shows.

What the page's htmx does is done here: what is asked for while the last answer is on the way
is asked for once more when that has come.
"""

from __future__ import annotations

import http.client
import re
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

import httpx

from bench.progress.platform import EMAIL, PASSWORD

_TOKEN: Final = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_CHECK: Final = re.compile(r'id="check-([0-9a-f-]{36})"')
_GOES_ON: Final = "data-changes="
_PATIENCE_SECONDS: Final = 120.0
_RETRY_SECONDS: Final = 0.2


@dataclass(slots=True)
class Seen:
    """When a page was told, and when it showed which result first: in seconds since the epoch."""

    run_id: str
    told: list[float] = field(default_factory=list)
    shown: dict[str, float] = field(default_factory=dict)
    #: How often it asked for what it shows.
    asked: int = 0


class Browser:
    """Somebody who has signed in."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=_PATIENCE_SECONDS)
        self._post("/sign-in", "/sign-in", {"email": EMAIL, "password": PASSWORD})

    def close(self) -> None:
        """Give up the connections."""
        self._client.close()

    def watch(self, suite_id: str) -> Seen:
        """Start a run, and look at its page until it has ended."""
        answer = self._post(f"/suites/{suite_id}", f"/suites/{suite_id}/runs", {})
        seen = Seen(answer.headers["Location"].rpartition("/")[2])
        _Page(self._client, seen).follow()
        return seen

    def _post(self, page: str, path: str, form: Mapping[str, str]) -> httpx.Response:
        token = _TOKEN.search(self._client.get(page).text)
        if token is None:
            raise RuntimeError(f"{page} has no form.")
        answer = self._client.post(path, data={"csrf_token": token[1], **form})
        if not answer.is_redirect:
            raise RuntimeError(f"{path} answered {answer.status_code}.")
        return answer


class _Page:
    """The page of one run."""

    def __init__(self, client: httpx.Client, seen: Seen) -> None:
        self._client = client
        self._seen = seen
        self._address = f"/runs/{seen.run_id}"
        self._changed = threading.Event()
        self._ended = threading.Event()

    def follow(self) -> None:
        """Look until the run has ended and all of it was shown."""
        self._client.get(self._address)
        with ExitStack() as stack:
            listener = threading.Thread(target=self._listen, name="changes")
            listener.start()
            stack.callback(listener.join)
            self._refresh()
            # Nothing else ends a wait for a line that does not come.
            self._line.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        while not self._ended.is_set():
            connection = http.client.HTTPConnection(self._client.base_url.netloc.decode())
            connection.connect()
            self._line = connection.sock
            cookies = "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())
            connection.request("GET", f"{self._address}/changes", headers={"Cookie": cookies})
            for line in connection.getresponse():
                if line == b"event: changed\n":
                    self._seen.told.append(time.time())
                    self._changed.set()
            connection.close()
            self._ended.wait(_RETRY_SECONDS)

    def _refresh(self) -> None:
        """Ask for what is shown, one question at a time, until the run has ended."""
        while not self._ended.is_set():
            self._changed.wait()
            self._changed.clear()
            text = self._client.get(f"{self._address}/results").text
            now = time.time()
            self._seen.asked += 1
            for result_id in _CHECK.findall(text):
                self._seen.shown.setdefault(result_id, now)
            if _GOES_ON not in text:
                self._ended.set()
