"""The client of a generated test: sends a request, gives the answer and what is documented."""

from __future__ import annotations

import json as json_module
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TypedDict, Unpack

import httpx
import pytest

from testops import addresses, dial, identities, patience
from testops.contract import Contract, OperationContract
from testops.environment import Environment
from testops.errors import TargetError
from testops.json_values import Json

#: A check that waits longer is of no use to anybody.
TIMEOUT_SECONDS = 30.0
#: With this a gateway says that it could not reach the target, and why.
GATEWAY_ERROR = "X-Testops-Gateway-Error"


class RequestParts(TypedDict, total=False):
    """What a request can consist of besides method and path; see `Api.request`."""

    path: Mapping[str, Json]
    query: Mapping[str, Json]
    headers: Mapping[str, str]
    cookies: Mapping[str, Json]
    json: Json
    data: Mapping[str, Json]
    files: Mapping[str, Json]
    content: bytes | str
    anonymous: bool
    withhold: Collection[str]
    timeout: float


@dataclass(frozen=True, slots=True)
class Response:
    """What came back, and what is documented of the operation that was asked."""

    method: str
    url: str
    status: int
    headers: httpx.Headers
    content: bytes
    #: Decoded by the charset of Content-Type, UTF-8 otherwise.
    text: str
    operation: OperationContract
    #: What was sent beside the address, where the check's text does not show it.
    sent: str = ""

    def json(self) -> Json:
        """The body as JSON (RFC 8259, so no NaN or Infinity); raises ValueError."""
        return json_module.loads(self.content, parse_constant=_refuse)

    def __str__(self) -> str:
        """One line for messages: "GET http://…/pets/7 answered 404 Not Found"."""
        return f"{self.method} {self.url} answered {named(self.status)}"


class Api:
    """Sends requests to the tested API.

    Follows no redirect, remembers no cookie, uses no proxy of the machine. Answers are held against
    the documented operation of that method and path template, or else against `operation`. Raises
    TargetError where no answer comes, ContractError where the contract holds neither operation.
    """

    def __init__(
        self, environment: Environment, contract: Contract, operation: str, identity: str = ""
    ) -> None:
        """`identity` names one of the environment's; by default its main one asks."""
        self._environment = environment
        self._identity = identity or identities.main(environment.identities)
        self._contract = contract
        self._operation = operation
        self._client = _client(environment)

    @property
    def base_url(self) -> str:
        """What stands before every path of the description."""
        return self._environment.base_url

    def close(self) -> None:
        """Close the connections; those that a gateway has given stay for the next client."""
        if self._environment.gateway is None:
            self._client.close()

    def secret(self, name: str) -> str:
        """The environment's secret of that name, to be sent; skips where there is none.

        In the engine it is a placeholder: what is sent holds the secret in its place, what comes
        back holds the placeholder again.
        """
        try:
            return self._environment.secrets[name]
        except KeyError:
            pytest.skip(f"Needs the secret {name}.")

    def operation(self, method: str, path_template: str) -> OperationContract:
        """What answers to a method on a path are held against; raises ContractError."""
        return self._contract.operation(f"{method} {path_template}", self._operation)

    def must_not_be(self, role: str) -> None:
        """Skip where the name of who asks says that it has a role: "admin", "administrator"."""
        if role.lower() in self._identity.lower():
            pytest.skip(f"Needs a second user who is no {role}; one is named {self._identity}.")

    def get(self, path_template: str, **parts: Unpack[RequestParts]) -> Response:
        """GET; the same arguments as `request`."""
        return self.request("GET", path_template, **parts)

    def post(self, path_template: str, **parts: Unpack[RequestParts]) -> Response:
        """POST; the same arguments as `request`."""
        return self.request("POST", path_template, **parts)

    def put(self, path_template: str, **parts: Unpack[RequestParts]) -> Response:
        """PUT; the same arguments as `request`."""
        return self.request("PUT", path_template, **parts)

    def patch(self, path_template: str, **parts: Unpack[RequestParts]) -> Response:
        """PATCH; the same arguments as `request`."""
        return self.request("PATCH", path_template, **parts)

    def delete(self, path_template: str, **parts: Unpack[RequestParts]) -> Response:
        """DELETE; the same arguments as `request`."""
        return self.request("DELETE", path_template, **parts)

    def request(
        self,
        method: str,
        path_template: str,
        *,
        path: Mapping[str, Json] | None = None,
        query: Mapping[str, Json] | None = None,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, Json] | None = None,
        json: Json = ...,
        data: Mapping[str, Json] | None = None,
        files: Mapping[str, Json] | None = None,
        content: bytes | str | None = None,
        anonymous: bool = False,
        withhold: Collection[str] = (),
        timeout: float = TIMEOUT_SECONDS,
    ) -> Response:
        """Send one request and wait for the answer.

        `path` fills the template's placeholders, percent-encoded. In `query` a list repeats its
        name. `cookies` come beside the environment's. `data` is sent as a form, `files` as
        multipart. `anonymous` sends nothing that proves
        who asks: no identity's headers, and none of the environment's where it has no identities.
        `withhold` names headers that are not sent; one given here wins over the environment's.
        """
        operation = self.operation(method, path_template)
        address = addresses.joined(
            self._environment.base_url,
            addresses.path_of(path_template, path or {}),
            addresses.query_of(query or {}, operation.reserved),
        )
        sent = self._headers(operation, anonymous=anonymous, withhold=withhold)
        own = httpx.Headers(_cookie(cookies or {}))
        own.update(headers or {})
        if "Cookie" in own:
            own["Cookie"] = identities.cookies(own["Cookie"], sent.get("Cookie", ""))
        if json is not ...:
            content = json_module.dumps(json, allow_nan=False)
            sent["Content-Type"] = "application/json"
        sent.update(own)
        answer = self._send(
            method,
            address,
            headers=sent,
            data=data,
            files=files,
            content=content,
            timeout=timeout,
            proof=self._carried(anonymous=anonymous),
        )
        return Response(
            method,
            address,
            answer.status_code,
            answer.headers,
            answer.content,
            answer.text,
            operation,
        )

    def _headers(
        self, operation: OperationContract, *, anonymous: bool, withhold: Collection[str]
    ) -> httpx.Headers:
        """Ask for the documented media types first, and take any other rather than none."""
        accept = ", ".join((*operation.media_types(), "*/*;q=0.1"))
        headers = httpx.Headers({"Accept": accept, "User-Agent": "testops"})
        if self._environment.gateway is not None:
            told = _to_gateway(self._identity, anonymous=anonymous, withhold=withhold)
            headers.update(told)
        else:
            held_back = {name.lower() for name in withhold}
            given = identities.headers_of(self._carried(anonymous=anonymous)).items()
            headers.update({name: text for name, text in given if name.lower() not in held_back})
        return headers

    def _carried(self, *, anonymous: bool) -> Mapping[str, str]:
        """The environment's headers that a request carries."""
        headers, known = self._environment.headers, self._environment.identities
        if anonymous:
            return identities.anonymous(headers, known)
        return identities.carried(headers, known, self._identity)

    def _send(
        self,
        method: str,
        address: str,
        *,
        headers: httpx.Headers,
        data: Mapping[str, Json] | None,
        files: Mapping[str, Json] | None,
        content: bytes | str | None,
        timeout: float,
        proof: Mapping[str, str],
    ) -> httpx.Response:
        # What is in the query proves who asks, and is told nowhere.
        target = identities.asked(address, proof)
        if self._environment.gateway is not None:
            target, routing = addresses.through(dial.GATEWAY, address)
            headers.update(routing)
        try:
            answer = self._client.request(
                method,
                target,
                headers=headers,
                data=data,
                files=files,
                content=content,
                timeout=timeout,
            )
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise TargetError(f"{method} {address} got no answer: {reason}") from error
        self._client.cookies.clear()
        if GATEWAY_ERROR in answer.headers:
            raise TargetError(f"{method} {address} got no answer: {answer.headers[GATEWAY_ERROR]}")
        return answer


@cache
def _authorities() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _client(environment: Environment) -> httpx.Client:
    """Over the gateway's connections where there is a gateway; else straight to the target."""
    if environment.gateway is not None:
        return _through_gateway(environment.gateway)
    transport = patience.Transport(_trust(environment.base_url))
    return httpx.Client(follow_redirects=False, trust_env=False, transport=transport)


@cache
def _through_gateway(descriptor: int) -> httpx.Client:
    """One for the whole process: the gateway serves no other, and keeps its connection too."""
    return dial.Client(descriptor)


def hang_up(gateway: int) -> None:
    """Close the connections that a gateway has given; who asks again gets others."""
    _through_gateway(gateway).close()
    _through_gateway.cache_clear()


def _trust(base_url: str) -> ssl.SSLContext:
    """Whom to trust. Loading authorities takes longer than a request, so only where needed."""
    if base_url.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return _authorities()


def _cookie(cookies: Mapping[str, Json]) -> dict[str, str]:
    pairs = "; ".join(f"{name}={addresses.text_of(value)}" for name, value in cookies.items())
    return {"Cookie": pairs} if pairs else {}


def _to_gateway(identity: str, *, anonymous: bool, withhold: Collection[str]) -> dict[str, str]:
    """What a gateway, which adds the environment's headers itself, is told about them."""
    told = {"X-Testops-Identity": identity} if identity else {}
    told |= {"X-Testops-Anonymous": "1"} if anonymous else {}
    return told | ({"X-Testops-Withhold": ", ".join(withhold)} if withhold else {})


def named(status: int) -> str:
    """A status with its name: "404 Not Found"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
