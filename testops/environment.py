"""Reads from the environment where the tested API is and how it is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from testops.identities import Identities
from testops.json_values import Json


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
    #: By name. Where there is a gateway, these are placeholders, which it replaces.
    secrets: Mapping[str, str] = field(default_factory=dict)
    #: The users that may ask, the main one first, by name: each with the headers that prove it.
    #: Where there is a gateway, it knows these headers, and none are here.
    identities: Identities = field(default_factory=dict)


def read(variables: Mapping[str, str]) -> Environment:
    """Read the variables named TESTOPS_…; only TESTOPS_BASE_URL is required.

    Raises EnvironmentVariableError.
    """
    return Environment(
        base_url=_base_url(variables.get("TESTOPS_BASE_URL", "")),
        headers=_texts("TESTOPS_HEADERS", variables, example="Authorization"),
        gateway=_gateway(variables.get("TESTOPS_GATEWAY", "")),
        secrets=_texts("TESTOPS_SECRETS", variables, example="PASSWORD"),
        identities=_identities(variables),
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


def _texts(variable: str, variables: Mapping[str, str], *, example: str) -> dict[str, str]:
    """A JSON object whose values are texts; empty where the variable is not set."""
    texts = _json(variables.get(variable))
    if not _is_texts(texts):
        raise EnvironmentVariableError(
            f"{variable} is no JSON object of texts. Example:"
            f""" {variable}='{{"{example}": "…"}}'"""
        )
    return dict(texts)


def _identities(variables: Mapping[str, str]) -> Identities:
    found = _json(variables.get("TESTOPS_IDENTITIES"))
    if not isinstance(found, dict) or not all(map(_is_texts, found.values())):
        raise EnvironmentVariableError(
            "TESTOPS_IDENTITIES is no JSON object of headers by name. Example:"
            """ TESTOPS_IDENTITIES='{"alice": {"Authorization": "…"}}'"""
        )
    if any(name.lower() == "oauth2" for headers in found.values() for name in headers):
        raise EnvironmentVariableError(
            "TESTOPS_IDENTITIES holds OAuth2, from which only `testops exec` gets tokens: use that,"
            """ or give a token: {"alice": {"Authorization": "Bearer …"}}"""
        )
    return found


def _json(text: str | None) -> Json:
    """What a text holds; None where that is no JSON."""
    try:
        return json.loads(text or "{}")
    except ValueError:
        return None


def _is_texts(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
