"""The pytest plugin of generated tests: gives them `api`, a client for the API under test.

From the environment: TESTOPS_BASE_URL (required) says where the API is; TESTOPS_HEADERS, a JSON
object, what every request carries; TESTOPS_SECRETS, another one, what `api.secret(name)` gives;
TESTOPS_CONTRACT, where the contract is (otherwise contract.json in the module's folder or the
nearest above it); TESTOPS_GATEWAY, set by the engine, the descriptor that leads to its gateway.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from testops import contract, environment
from testops.client import Api
from testops.errors import ContractError


def pytest_collection_finish(session: pytest.Session) -> None:
    """Stop with a usage error where the environment does not say which API is tested."""
    is_asked = any("api" in getattr(item, "fixturenames", ()) for item in session.items)
    if is_asked and not session.config.option.collectonly:
        try:
            environment.read(os.environ)
        except environment.EnvironmentVariableError as error:
            raise pytest.UsageError(str(error)) from error


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """A client for the API under test, bound to the operation that the module names."""
    held_against = _contract(_contract_path(os.environ.get("TESTOPS_CONTRACT"), request.path))
    client = Api(environment.read(os.environ), held_against, request.module.OPERATION)
    yield client
    client.close()


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
