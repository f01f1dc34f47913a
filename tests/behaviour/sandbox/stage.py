"""`python -m tests.behaviour.sandbox.stage FOLDER`: victims, attacks, and what came of them.

All attacks run twice: the usual way, with pytest in a subprocess, and by the engine. What came of
it is written to FOLDER/outcome.json.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from app.domain.network import NetworkPolicy
from app.domain.outcomes import Outcome
from app.domain.plans import Limits, PlannedCase, Shard, Target
from app.domain.results import CaseFinished, CheckFinished, Event
from tests.behaviour.sandbox.attacks import ATTACKS, HONEST
from worker.cage.wish import Wish
from worker.engine import Engine

SECRET_VARIABLE = "TESTOPS_SECRET_KEY"
_PRIVATE = 0
_CREATE = 0o1000


@dataclass
class Result:
    """What came of it."""

    #: Layers that hold.
    layers: list[str] = field(default_factory=list)
    #: Names of the attacks that worked the usual way.
    worked: list[str] = field(default_factory=list)
    #: By the engine: what each attack's check, or else its case, came to, and the message.
    caged: dict[str, tuple[str, str]] = field(default_factory=dict)
    honest: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: What the victims have suffered from the caged attacks.
    harm: list[str] = field(default_factory=list)
    #: Processes and files that were left.
    left: list[str] = field(default_factory=list)


class _Banner(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def greet(server: socket.socket) -> None:
    """Say "banner" to everybody who comes, until the server is closed."""
    with contextlib.suppress(OSError):
        while True:
            if server.type == socket.SOCK_STREAM:
                peer, _ = server.accept()
                with peer, contextlib.suppress(OSError):
                    peer.sendall(b"banner")
            else:
                _, address = server.recvfrom(16)
                if address:
                    server.sendto(b"banner", address)


@contextmanager
def listening(family: int, kind: int, address: tuple[str, int] | str) -> Iterator[socket.socket]:
    """A server that greets."""
    with socket.socket(family, kind) as server:
        server.bind(address)
        if kind == socket.SOCK_STREAM:
            server.listen(32)
        threading.Thread(target=greet, args=(server,), daemon=True).start()
        yield server
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


@contextmanager
def shared_segment() -> Iterator[int]:
    """A System V segment of ours; gives its key."""
    library = ctypes.CDLL(None, use_errno=True)
    key = 0x7E570000 + os.getpid() % 0xFFFF
    segment = library.shmget(key, 4096, _CREATE | 0o600)
    yield key
    library.shmctl(segment, _PRIVATE, None)


#: Each in a process of its own, so that what one does is not in the way of the next.
_ONE_BY_ONE = """
import os
import traceback

def pytest_pyfunc_call(pyfuncitem):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            pyfuncitem.obj()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    return True
"""


class Victims:
    """What is attacked: files, ports and a process of the stage's own user."""

    def __init__(self, folder: Path, secret: str) -> None:
        self.folder = folder
        self._secret = secret

    def __enter__(self) -> Mapping[str, object]:
        self._stack = ExitStack()
        self._write()
        self.process = subprocess.Popen(["sleep", "600"])
        enter = self._stack.enter_context
        tcp = enter(listening(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)))
        udp = enter(listening(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)))
        stream, datagram = str(self.folder / "s"), str(self.folder / "d")
        abstract = f"\0testops-victim-{os.getpid()}"
        enter(listening(socket.AF_UNIX, socket.SOCK_STREAM, stream))
        enter(listening(socket.AF_UNIX, socket.SOCK_DGRAM, datagram))
        enter(listening(socket.AF_UNIX, socket.SOCK_STREAM, abstract))
        return {
            "engine": os.getpid(),
            "victim": self.process.pid,
            "segment": enter(shared_segment()),
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "stream": stream,
            "datagram": datagram,
            "abstract": abstract,
            "folder": str(self.folder),
            "secret_hash": hashlib.sha256(self._secret.encode()).hexdigest(),
        }

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self.process.kill()
        self.process.wait()

    def _write(self) -> None:
        other = self.folder / "testops-x" / "case-y"
        other.mkdir(parents=True)
        for path in (self.folder / "secret.txt", self.folder / ".env", other / "notes"):
            path.write_text(self._secret)
        for name in ("log.txt", "spare.txt"):
            (self.folder / name).write_text("untouched")
        with sqlite3.connect(self.folder / "data.db") as database:
            database.execute("create table t (value text)")
            database.execute("insert into t values (?)", [self._secret])
        database.close()

    def state(self) -> dict[str, str]:
        """Everything that an attack could change."""
        seen = {"process": str(self.process.poll())}
        for path in sorted(self.folder.rglob("*")):
            about = path.lstat()
            content = path.read_bytes().hex() if path.is_file() else ""
            seen[str(path)] = f"{about.st_mode} {about.st_uid} {about.st_mtime_ns} {content}"
        seen["affinity"] = str(os.sched_getaffinity(self.process.pid))
        seen["priority"] = str(os.getpriority(os.PRIO_PROCESS, self.process.pid))
        return seen


def run_the_usual_way(folder: Path, facts: Mapping[str, object]) -> list[str]:
    """The attacks that work on whoever runs scripts with pytest in a subprocess."""
    folder.mkdir()
    for attack in ATTACKS:
        (folder / f"test_{attack.name}.py").write_text(attack.module({**facts, "pause": 0}))
    (folder / "conftest.py").write_text(_ONE_BY_ONE)
    options = ["-rA", "--tb=line", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", "."]
    told = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--import-mode=importlib"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    ).stdout
    Path(folder.parent, "usual.txt").write_text(told)
    return re.findall(r"^PASSED test_(\S+)\.py::test_attack$", told, re.MULTILINE)


def run_caged(
    engine: Engine, scripts: Mapping[str, str], base_url: str
) -> dict[str, tuple[str, str]]:
    """What each script came to."""
    cases = [
        PlannedCase(name, "GET /", f"test_{number}.py", script)
        for number, (name, script) in enumerate(scripts.items())
    ]
    shard = Shard(
        run_id="r",
        number=0,
        attempt=1,
        target=Target(base_url, network=NetworkPolicy(("127.0.0.1",))),
        cases=tuple(cases),
        contract="{}",
        limits=Limits(case_seconds=30),
    )
    return _told(list(engine.execute(shard)))


def _told(events: Sequence[Event]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for event in events:
        if isinstance(event, CheckFinished):
            found[event.case_id] = (event.outcome.value, event.message)
        if isinstance(event, CaseFinished) and (event.message or event.case_id not in found):
            found[event.case_id] = (Outcome.ERRORED.value, event.message)
    return found


def _descendants() -> set[int]:
    pids = {os.getpid()}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, _, rest = path.read_text().partition(" (")
            if int(rest.rpartition(")")[2].split()[1]) in pids:
                pids.add(int(pid))
    return pids - {os.getpid()}


def _measured_engine() -> Engine:
    """One whose cases leave their measurements, where tests are measured: that takes its time."""
    folder = os.environ.get("SANDBOX_MEASURES")
    environment = {k: v for k, v in os.environ.items() if k.startswith("COVERAGE_")}
    return Engine(cage=Wish(writable=(folder,) if folder else ()), environment=environment)


def main(folder: Path) -> None:
    """Run everything."""
    secret = os.environ[SECRET_VARIABLE]
    os.environ["TMPDIR"] = str(folder / "tmp")
    (folder / "tmp").mkdir()
    result = Result()
    victims = Victims(folder / "victims", secret)
    with victims as facts, ThreadingHTTPServer(("127.0.0.1", 0), _Banner) as target:
        threading.Thread(target=target.serve_forever, daemon=True).start()
        result.worked = run_the_usual_way(folder / "usual", facts)
        before, family = victims.state(), _descendants()
        base_url = f"http://127.0.0.1:{target.server_port}"
        with Engine() as engine:
            result.layers = sorted(engine.cage.layers)
            attacks = {each.name: each.module({**facts, "pause": 5}) for each in ATTACKS}
            result.caged = run_caged(engine, attacks, base_url)
        with _measured_engine() as engine:
            result.honest = run_caged(engine, HONEST, base_url)
        after = victims.state()
        result.harm = [key for key in before | after if before.get(key) != after.get(key)]
        result.left = [f"process {pid}" for pid in _descendants() - family]
        result.left += [str(path) for path in (folder / "tmp").iterdir()]
        target.shutdown()
    (folder / "outcome.json").write_text(json.dumps(asdict(result)))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main(Path(sys.argv[1]))
