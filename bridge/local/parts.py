"""The parts that `make run` starts: how, with which environment, and when each is ready."""

from __future__ import annotations

import http.client
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.messages import topics
from bridge import heartbeat
from bridge.local.postgres import Cluster
from bridge.local.state import State

ROOT = Path(__file__).resolve().parent.parent.parent

#: What the runner, which executes untrusted code, never sees: the ways to the database, to the
#: mail server and to models.
_HIDDEN = (
    *("TESTOPS_DATABASE_URL", "TESTOPS_ADMIN_PASSWORD", "TESTOPS_SMTP_URL"),
    *("TESTOPS_GEMINI_API_KEY", "TESTOPS_OPENAI_API_KEY", "TESTOPS_COMPATIBLE_API_KEY"),
)
#: How to sign in at a Kafka elsewhere: the embedded one asks nobody who he is.
_ELSEWHERE = ("TESTOPS_KAFKA_SECURITY_", "TESTOPS_KAFKA_SASL_", "TESTOPS_KAFKA_SSL_")

Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """A process to be kept running."""

    name: str
    command: tuple[str, ...]
    #: Asked again and again after the start; may block a second.
    is_ready: Callable[[], bool]
    #: Asked before every start, since the broker's address changes with the broker.
    environment: Callable[[], Environment] = dict
    #: A file that shows readiness and is of an earlier life before a start.
    sign: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    #: The system user to run as; empty for the present one.
    user: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """Where everything is, on this machine."""

    state: State
    port: int
    demo_port: int
    #: What the user had set in the environment.
    given: Environment = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The web application's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def demo_url(self) -> str:
        """The demo API's description."""
        return f"http://127.0.0.1:{self.demo_port}/openapi.json"


def postgres(cluster: Cluster) -> Part:
    """The database."""
    return Part(
        name="postgres",
        command=cluster.command,
        is_ready=cluster.answers,
        # "Fast": ends connections instead of waiting for them.
        stop_signal=signal.SIGINT,
        user=cluster.user,
    )


def broker(site: Site) -> Part:
    """The embedded Kafka broker."""
    address = site.state.broker_address
    words = _python("bridge.kafka.embedded", "--port-file", str(address))
    return Part("broker", words, lambda: listens(address), lambda: site.given)


def demo(site: Site) -> Part:
    """The demo API."""
    words = _python("demo", "--port", str(site.demo_port))
    return Part("demo", words, lambda: answers(site.demo_port, "/openapi.json"), lambda: site.given)


def platform(site: Site, cluster: Cluster) -> tuple[Part, ...]:
    """Everything of ours that needs database and broker."""
    return (
        Part(
            "web",
            _python(
                "gunicorn", "app.wsgi:application", "--bind", f"127.0.0.1:{site.port}",
                "--workers", "2", "--threads", "16", "--graceful-timeout", "3",
                # Its default place is one for all of a user's servers.
                "--no-control-socket",
            ),
            lambda: answers(site.port, "/readyz"),
            lambda: environment(site, cluster, "web"),
        ),
        _worker(site, cluster, "generator", "tasks.generation", topics.GENERATION_QUEUE),
        _worker(site, cluster, "runner", "tasks.execution", topics.TEST_RUN_QUEUE),
        _beating(site, cluster, "scheduler", _python("tasks.scheduler")),
        _beating(site, cluster, "bridge", _python("bridge", "all")),
    )  # fmt: skip


def _worker(site: Site, cluster: Cluster, name: str, module: str, queue: topics.Topic) -> Part:
    words = _python("celery", "-A", module, "worker", "-Q", queue.name, "--pool", "threads")
    return _beating(site, cluster, name, words)


def _beating(site: Site, cluster: Cluster, name: str, words: tuple[str, ...]) -> Part:
    sign = site.state.heartbeat(name)
    return Part(name, words, sign.exists, lambda: environment(site, cluster, name), sign)


def environment(site: Site, cluster: Cluster, name: str) -> Environment:
    """The environment of a part of ours: what the user set, and above it what must be so here."""
    admin = site.state.admin()
    everything = {
        "TESTOPS_LOG_FORMAT": "console",
        "TESTOPS_DEMO_URL": site.demo_url,
        # What listens on this machine is the user's own.
        "TESTOPS_ALLOWED_PRIVATE_HOSTS": "127.0.0.1,localhost",
        # As good a cage as this machine offers: who runs it here has read the scripts.
        "TESTOPS_CAGE": "none",
        **site.given,
        "TESTOPS_BASE_URL": site.url,
        "TESTOPS_DATABASE_URL": cluster.url(),
        "TESTOPS_KAFKA_BROKERS": site.state.broker_address.read_text(),
        "TESTOPS_KAFKA_TOPIC_CREATION": "auto",
        "TESTOPS_SECRET_KEY": site.state.secret_key(),
        "TESTOPS_ADMIN_EMAIL": admin.email,
        "TESTOPS_ADMIN_PASSWORD": admin.password,
        heartbeat.VARIABLE: str(site.state.heartbeat(name)),
    }
    hidden = _HIDDEN if name == "runner" else ()
    return {
        key: value
        for key, value in everything.items()
        if key not in hidden and not key.startswith(_ELSEWHERE)
    }


def _python(module: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *words)


def listens(address: Path) -> bool:
    """Whether somebody listens at the `host:port` in the file; it may be of an earlier life."""
    if not address.exists():
        return False
    host, _, port = address.read_text().rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=2).close()
    except OSError:
        return False
    return True


def answers(port: int, path: str) -> bool:
    """Whether a server on this machine answers 200 there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
