"""Asks Prometheus for one number (HTTP API v1, instant queries)."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import Final

#: Chaos Mesh waits five seconds for a verdict, which is made of several answers.
_PATIENCE_SECONDS: Final = 2.0


class Prometheus:
    """A Prometheus server, by its address."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def ask(self, query: str) -> float | None:
        """The value of the only series, None where there is none.

        Raises OSError where it cannot be asked or does not understand, ValueError where the answer
        has several series: the condition is written wrongly then.
        """
        address = f"{self._url}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        with urllib.request.urlopen(address, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310 - the administrator's address
            series = json.load(answer)["data"]["result"]
        if not series:
            return None
        [only] = series
        return float(only["value"][1])
