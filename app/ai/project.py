"""Lays out a whole pytest project that runs anywhere, without the platform.

conftest.py  pytest.ini  ruff.toml  requirements.txt  README.md  contract.json
testops/     the SDK the tests import
tests/       a module for every operation
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import metadata, resources
from importlib.resources.abc import Traversable

from app.ai import contracts, formatting, offline, quoting
from app.openapi.model import ApiDescription

_CONFTEST = '''"""Gives every test the fixture `api`: a client for the API under test."""

pytest_plugins = ["testops.plugin"]
'''
_PYTEST_INI = """[pytest]
pythonpath = .
testpaths = tests
addopts = -ra -p no:schemathesis
"""
#: A URL that means nothing else to a shell.
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~-]*)*")
#: What the SDK and the tests import.
_REQUIREMENTS = ("httpx", "hypothesis", "jsonschema-rs", "pytest", "schemathesis")


def files(description: ApiDescription, *, seed: int = 0) -> Iterator[tuple[str, str]]:
    """Relative path and text of every file; raises UnavailableError."""
    yield "conftest.py", _CONFTEST
    yield "pytest.ini", _PYTEST_INI
    yield "ruff.toml", f"line-length = {formatting.LINE_LENGTH}\n"
    yield "requirements.txt", _requirements()
    yield "README.md", _readme(description, seed)
    yield "contract.json", json.dumps(contracts.contract_of(description), indent=1)
    yield from _sdk(resources.files("testops"))
    for case in offline.write_suite(description, seed=seed):
        yield f"tests/{case.module}", case.script


def _requirements() -> str:
    """The versions the project was written with, and what is compatible with them."""
    return "".join(f"{name}~={metadata.version(name)}\n" for name in _REQUIREMENTS)


def _sdk(package: Traversable) -> Iterator[tuple[str, str]]:
    for file in sorted(package.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".py"):
            yield f"testops/{file.name}", file.read_text("utf-8")


def _readme(description: ApiDescription, seed: int) -> str:
    title = quoting.prose(description.title).replace("`", "'") or "the API"
    servers = [server for server in description.servers if _PLAIN_URL.fullmatch(server)]
    base_url = servers[0] if servers else "http://localhost:8080"
    return f"""# Tests of {title}

One module for each of {len(description.operations)} operations, in `tests/`. Each check says in its
docstring what it proves and which place of the API description demands it. Written with seed
{seed}; yours to read, change and run.

    python -m pip install -r requirements.txt
    TESTOPS_BASE_URL={base_url} pytest

The base URL is what stands before the paths of the description, its own path included. Headers for
every request, such as credentials:

    TESTOPS_HEADERS='{{"Authorization": "Bearer …"}}'

Users, where tests ask as more than one: the first is `api`, the second `other`.

    TESTOPS_IDENTITIES='{{"alice": {{"Authorization": "…"}}, "bob": {{"Authorization": "…"}}}}'

A failed check means that the API breaks its description or a rule of HTTP. A skipped one names the
input it would need: put it into the module. `contract.json` holds what answers are held against,
`testops/` what the tests import.
"""
