"""A run of a module of our own in the warm parent, so that no case is the first to do anything.

What a process does for the first time costs it several times what it costs later: Python adapts the
code that it runs, libraries compile their patterns and fill their caches. All that is inherited by
a fork, so the parent does once what every child will do: it collects, asks and expects, and tells
of a check that finds something, for whose source pytest looks at every module that there is. The
answers lie ready in the connections, since a process with its own PID namespace may start no
thread.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from testops import client
from worker import session
from worker.frames import HEARD
from worker.order import DIAL, INTERRUPT
from worker.reporter import Reporter

_NAME = "test_warmth_of_the_engine.py"
#: Code is adapted after a few calls (PEP 659); more passes than these bring next to nothing.
_PASSES = 12
#: And one that finds something.
_CHECKS = _PASSES + 1
_MODULE = '''"""GET /things/{thingId}: Read one thing."""

import pytest

from testops import Api, expect

OPERATION = "GET /things/{thingId}"


@pytest.mark.parametrize("number", range(COUNT))
def test_documented(api: Api, number: int) -> None:
    """The documented inputs get a documented success."""
    response = api.get("/things/{thingId}", path={"thingId": number}, query={"page": 1})

    expect.documented(response)
    expect.success(response, 200)
    assert response.json()["size"] == 3
    assert response.status in (200, 201) and "id" in response.json()


@pytest.mark.xfail(raises=AssertionError, strict=True)
def test_different(api: Api) -> None:
    """The thing is another one."""
    assert api.get("/things/{thingId}", path={"thingId": 7}).json() == {"id": "8", "size": 4}
'''.replace("COUNT", str(_PASSES))

_SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "size": {"type": "integer", "minimum": 0},
        "made": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
_CONTRACT = {
    "contract": 1,
    "title": "Things",
    "operations": {
        "GET /things/{thingId}": {
            "pointer": "#/paths/~1things~1{thingId}/get",
            "responses": {
                "200": {
                    "pointer": "#/paths/~1things~1{thingId}/get/responses/200",
                    "content": {"application/json": {"$ref": "#/schemas/Thing"}},
                    "headers": {},
                }
            },
        }
    },
    "schemas": {"Thing": _SCHEMA},
}
_BODY = b'{"id": "7", "size": 3, "tags": ["blue"], "made": "2020-01-01T00:00:00Z"}'
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


def rehearse(plugins: Sequence[str], workspace: Path) -> int:
    """Run the module with these plugins; gives pytest's exit status, and leaves nothing behind."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=workspace)))
        (folder / _NAME).write_text(_MODULE, "utf-8")
        (folder / "contract.json").write_text(json.dumps(_CONTRACT), "utf-8")
        gateway = stack.enter_context(_answering())
        variables = {
            "TESTOPS_BASE_URL": "http://rehearsal.invalid",
            "TESTOPS_CONTRACT": str(folder / "contract.json"),
            "TESTOPS_GATEWAY": str(gateway),
        }
        stack.enter_context(_unchanged(variables))
        reporter = stack.enter_context(_heard())
        arguments = session.arguments(str(folder), plugins)
        return int(pytest.main([*arguments, str(folder / _NAME)], plugins=[reporter]))


@contextlib.contextmanager
def _answering() -> Iterator[int]:
    """A dial whose connections each hold one answer; its number is that of no case's dial."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ExitStack() as stack:
        stack.enter_context(here)
        with there:
            number = fcntl.fcntl(there, fcntl.F_DUPFD_CLOEXEC, DIAL + 1)
        stack.callback(os.close, number)
        stack.callback(client.hang_up, number)
        for _ in range(_CHECKS):
            ours, theirs = socket.socketpair()
            stack.enter_context(ours).sendall(_ANSWER)
            with theirs:
                socket.send_fds(here, [b"given"], [theirs.fileno()])
        yield number


@contextlib.contextmanager
def _heard() -> Iterator[Reporter]:
    """A reporter whose checks were all heard before they began."""
    reporter, before = Reporter(), signal.getsignal(INTERRUPT) or signal.SIG_DFL
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(HEARD * _CHECKS)
        reporter.connect(theirs, 1.0)
        try:
            yield reporter
        finally:
            signal.signal(INTERRUPT, before)


@contextlib.contextmanager
def _unchanged(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment; forget them, the path and the module afterwards."""
    environment, path = dict(os.environ), list(sys.path)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:] = path
        sys.modules.pop(Path(_NAME).stem, None)
