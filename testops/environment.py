"""Reads from the environment where the tested API is and how it is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


class EnvironmentVariableError(ValueError):
    """An environment variable is missing or cannot be used; the message says what to set."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the tested API is and what every request carries."""

    #: "https://api.example.com/v1"
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    #: The descriptor for connections to a gateway (see `testops.dial`); None where requests go
    #: straight to the target.
    gateway: int | None = None


def read(variables: Mapping[str, str]) -> Environment:
    """Read TESTOPS_BASE_URL (required), TESTOPS_HEADERS and TESTOPS_GATEWAY.

    Raises EnvironmentVariableError.
    """
    return Environment(
        base_url=_base_url(variables.get("TESTOPS_BASE_URL", "")),
        headers=_headers(variables.get("TESTOPS_HEADERS", "")),
        gateway=_gateway(variables.get("TESTOPS_GATEWAY", "")),
    )


def _base_url(text: str) -> str:
    if not text:
        raise EnvironmentVariableError(
            "TESTOPS_BASE_URL is not set. It says which API is tested:"
            " TESTOPS_BASE_URL=http://localhost:8080 pytest"
        )
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise EnvironmentVariableError(f"TESTOPS_BASE_URL is no http or https URL: {text}")
    return text


def _gateway(text: str) -> int | None:
    if text and not text.isdecimal():
        raise EnvironmentVariableError(
            f"TESTOPS_GATEWAY is set by the engine that runs a module: unset it. It is {text}."
        )
    return int(text) if text else None


def _headers(text: str) -> dict[str, str]:
    try:
        headers = json.loads(text or "{}")
    except ValueError:
        headers = None
    if not isinstance(headers, dict) or not all(
        isinstance(value, str) for value in headers.values()
    ):
        raise EnvironmentVariableError(
            "TESTOPS_HEADERS is no JSON object of texts. Example:"
            """ TESTOPS_HEADERS='{"Authorization": "Bearer …"}'"""
        )
    return headers
