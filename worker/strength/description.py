"""What the API description objects to in an answer: the oracle of most mutations.

The rules are those of OpenAPI's "Responses Object" and HTTP's, read once more from their sources:
an expectation of the SDK that forgot one of them is found out by this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from app.domain.results import Exchange
from app.domain.strength import Duty
from testops import pointers
from testops.contract import Contract, DocumentedResponse, OperationContract
from testops.errors import ContractError
from testops.json_values import Json
from worker import claims
from worker.strength.mutations import is_json, media_type

SERVER_ERROR = Duty("a server error is never right", "RFC 9110, section 15.6")
#: Statuses that carry no body (RFC 9110, sections 15.2, 15.3.5, 15.3.6 and 15.4.5).
_BODILESS = frozenset({204, 205, 304})
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Description:
    """The documented operations of a case, and where they are asked."""

    #: None where the case has none that can be used.
    contract: Contract | None
    #: The operations by what their paths look like on the wire, the plainest first.
    _paths: tuple[tuple[str, str, str], ...]
    #: A regular expression for the base URL's path.
    prefix: str

    @classmethod
    def of(cls, text: str, base_url: str) -> Description:
        """Of a contract's JSON text (see `testops.contract`)."""
        prefix = claims.prefix_of(base_url)
        try:
            document: Mapping[str, Json] = json.loads(text)
            contract = Contract(document)
        except (ValueError, AttributeError, ContractError):
            return cls(None, (), prefix)
        keys = sorted(document["operations"], key=lambda key: len(_PLACEHOLDER.findall(key)))
        split = [key.partition(" ") for key in keys]
        paths = ((method, claims.path_of(path), path) for method, _, path in split)
        return cls(contract, tuple(paths), prefix)

    def operation(self, exchange: Exchange, otherwise: str) -> str:
        """The documented operation of a request, or else another one, which may be undocumented."""
        asked = urlsplit(exchange.url).path
        for method, path, template in self._paths:
            if method == exchange.method and re.fullmatch(f"{self.prefix}{path}" or "/", asked):
                return f"{method} {template}"
        return otherwise

    def objection(self, exchange: Exchange, otherwise: str) -> Duty | None:
        """What is wrong with an answer; None where nothing is, or nothing is documented."""
        if self.contract is None or exchange.response is None or exchange.status is None:
            return None
        if exchange.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return SERVER_ERROR
        try:
            operation = self.contract.operation(self.operation(exchange, otherwise))
            return _objection(operation, exchange, exchange.status)
        except (ContractError, RecursionError):
            # The latter of a body that is nested more deeply than anybody writes.
            return None


def _objection(operation: OperationContract, exchange: Exchange, status: int) -> Duty | None:
    answer = operation.response_to(status)
    if answer is None:
        is_open = not operation.statuses or status >= HTTPStatus.BAD_REQUEST
        return None if is_open else Duty("the status is not documented", operation.pointer)
    return _headers(answer, exchange) or _body(operation, answer, exchange)


def _headers(answer: DocumentedResponse, exchange: Exchange) -> Duty | None:
    found = exchange.response.headers if exchange.response else ()
    there = {name.lower() for name, _ in found}
    missing = (name for name, required in answer.headers.items() if required)
    lacking = [name for name in missing if name.lower() not in there]
    return Duty(f"the header {lacking[0]} is required", answer.pointer) if lacking else None


def _body(
    operation: OperationContract, answer: DocumentedResponse, exchange: Exchange
) -> Duty | None:
    message = exchange.response
    is_bodiless = exchange.method == "HEAD" or exchange.status in _BODILESS
    if message is None or message.truncated or not answer.media_types or is_bodiless:
        return None
    actual = media_type(message)
    nearest = (actual, f"{actual.partition('/')[0]}/*", "*/*")
    key = next((answer.media_types[name] for name in nearest if name in answer.media_types), "")
    if not key and (actual or message.body):
        return Duty("the media type is not documented", answer.pointer)
    key = key or next(iter(answer.media_types.values()))
    if not is_json(actual or key.partition(";")[0].strip().lower()):
        return None
    try:
        value = json.loads(message.body)
    except ValueError:
        return Duty("the body is no JSON", answer.pointer)
    if operation.schemas.accepts(f"{answer.place}{pointers.of('content', key)}", value):
        return None
    return Duty("the body does not fit its schema", answer.pointer)
