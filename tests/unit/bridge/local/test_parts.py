"""The parts: their commands, their environment, their readiness."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.local import parts
from bridge.local.parts import Site
from bridge.local.postgres import Cluster
from bridge.local.state import State

CLUSTER = Cluster(("postgres", "-D", "data"), "pgserver", Path("/sockets"))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    state = State(tmp_path)
    state.prepare()
    state.broker_address.write_text("127.0.0.1:1234")
    given = {"PATH": "/bin", "TESTOPS_CASE_SECONDS": "5", "TESTOPS_SMTP_URL": "smtp://x:y@z"}
    given |= {"TESTOPS_KAFKA_SECURITY_PROTOCOL": "SSL", "TESTOPS_KAFKA_SSL_CA_FILE": "/ca.crt"}
    given |= {f"TESTOPS_{vendor}_API_KEY": "k" for vendor in ("GEMINI", "OPENAI", "COMPATIBLE")}
    return Site(state, 8123, 5051, given=given)


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers 200 at /good and 503 elsewhere."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/good" else 503)
        self.end_headers()

    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_every_part_of_ours_is_there(site: Site) -> None:
    names = [part.name for part in parts.platform(site, CLUSTER)]
    assert names == ["web", "generator", "runner", "scheduler", "bridge"]


def test_parts_know_where_everything_is(site: Site) -> None:
    for part in parts.platform(site, CLUSTER):
        environment = part.environment()
        assert environment["TESTOPS_KAFKA_BROKERS"] == "127.0.0.1:1234"
        assert environment["TESTOPS_SECRET_KEY"] == site.state.secret_key()
        assert environment["TESTOPS_BASE_URL"] == "http://127.0.0.1:8123"
        assert environment["TESTOPS_CASE_SECONDS"] == "5"
        assert environment["PATH"] == "/bin"
        # The embedded broker speaks neither TLS nor SASL, whatever Kafka the user has elsewhere.
        assert not [name for name in environment if name.startswith("TESTOPS_KAFKA_S")]


def test_a_broker_that_is_back_elsewhere_is_known_with_the_next_start(site: Site) -> None:
    [web, *_] = parts.platform(site, CLUSTER)
    site.state.broker_address.write_text("127.0.0.1:9999")
    assert web.environment()["TESTOPS_KAFKA_BROKERS"] == "127.0.0.1:9999"


def test_the_runner_knows_neither_the_database_nor_other_secrets(site: Site) -> None:
    [runner] = [part for part in parts.platform(site, CLUSTER) if part.name == "runner"]
    environment = runner.environment()
    assert not environment.keys() & {
        "TESTOPS_DATABASE_URL",
        "TESTOPS_ADMIN_PASSWORD",
        "TESTOPS_SMTP_URL",
        "TESTOPS_GEMINI_API_KEY",
        "TESTOPS_OPENAI_API_KEY",
        "TESTOPS_COMPATIBLE_API_KEY",
    }
    assert site.state.admin().password not in environment.values()


def test_postgres_ends_at_once_and_runs_as_its_own_user() -> None:
    part = parts.postgres(CLUSTER)
    assert (part.stop_signal, part.user) == (2, "pgserver")
    assert part.command == CLUSTER.command


def test_a_part_with_a_heartbeat_is_ready_once_it_beats(site: Site) -> None:
    [scheduler] = [part for part in parts.platform(site, CLUSTER) if part.name == "scheduler"]
    assert scheduler.sign == site.state.heartbeat("scheduler")
    assert not scheduler.is_ready()
    scheduler.sign.touch()
    assert scheduler.is_ready()


def test_a_server_is_ready_once_it_answers_200(port: int) -> None:
    assert parts.answers(port, "/good")
    assert not parts.answers(port, "/bad")
    assert not parts.answers(closed_port(), "/good")


def test_web_and_demo_are_ready_once_they_answer(tmp_path: Path) -> None:
    site = Site(State(tmp_path), closed_port(), closed_port())
    assert not parts.demo(site).is_ready()
    assert not parts.platform(site, CLUSTER)[0].is_ready()


def test_the_broker_is_ready_once_somebody_listens_where_it_says(site: Site, port: int) -> None:
    part = parts.broker(site)
    site.state.broker_address.unlink()
    assert not part.is_ready()
    site.state.broker_address.write_text(f"127.0.0.1:{closed_port()}")
    assert not part.is_ready()
    site.state.broker_address.write_text(f"127.0.0.1:{port}")
    assert part.is_ready()


def test_others_get_what_the_user_had_set(site: Site) -> None:
    assert parts.broker(site).environment() == site.given
    assert parts.demo(site).environment() == site.given


def test_addresses_are_of_this_machine(site: Site) -> None:
    assert site.url == "http://127.0.0.1:8123"
    assert site.demo_url == "http://127.0.0.1:5051/openapi.json"
