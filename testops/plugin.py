"""The pytest plugin of generated tests: gives them `api`, a client for the API under test.

`other` is the same for a second user of that API.

From the environment: TESTOPS_BASE_URL (required) says where the API is; TESTOPS_HEADERS, a JSON
object, what every request carries; TESTOPS_IDENTITIES, a JSON object by name, what the requests of
one user carry (the first is `api`, the second `other`); TESTOPS_SECRETS, a JSON object, what
`api.secret(name)` gives; TESTOPS_CONTRACT, where the contract is (otherwise contract.json in the
module's folder or the nearest above it); TESTOPS_GATEWAY, set by the engine, the descriptor that
leads to its gateway.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from testops import contract, environment, identities
from testops.client import Api
from testops.errors import ContractError

#: The fixtures that ask the API.
_CLIENTS = frozenset({"api", "other"})


def pytest_collection_finish(session: pytest.Session) -> None:
    """Stop with a usage error where the environment does not say which API is tested."""
    is_asked = any(_CLIENTS & set(getattr(item, "fixturenames", ())) for item in session.items)
    if is_asked and not session.config.option.collectonly:
        try:
            environment.read(os.environ)
        except environment.EnvironmentVariableError as error:
            raise pytest.UsageError(str(error)) from error


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """A client for the API under test, bound to the operation that the module names."""
    client = _client(request)
    yield client
    client.close()


@pytest.fixture
def other(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The same for another user than `api`; skips where there is none."""
    second = identities.other(environment.read(os.environ).identities)
    if not second:
        pytest.skip("Needs a second user (--identity).")
    client = _client(request, second)
    yield client
    client.close()


def _client(request: pytest.FixtureRequest, identity: str = "") -> Api:
    held_against = _contract(_contract_path(os.environ.get("TESTOPS_CONTRACT"), request.path))
    return Api(environment.read(os.environ), held_against, request.module.OPERATION, identity)


@cache
def _contract(path: Path) -> contract.Contract:
    return contract.load(path)


def _contract_path(given: str | None, module: Path) -> Path:
    """The contract named by the environment, or the nearest one at or above the module."""
    if given:
        return Path(given)
    for folder in module.parents:
        if (folder / "contract.json").is_file():
            return folder / "contract.json"
    raise ContractError(f"There is no contract.json in the folder of {module.name} or above it.")
