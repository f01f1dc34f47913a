"""The command, as a process."""

import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest
from click.testing import CliRunner

from demo import serving, switches


def _start(*options: str, faults: str = "none") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "demo", *options],
        env={**os.environ, "DEMO_FAULTS": faults},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("signalled", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_asked_to_stop(signalled: signal.Signals) -> None:
    with _start("--port", "0", faults="genre-ignored") as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+/openapi\.json", process.stdout.readline())
        assert found is not None
        assert process.stdout.readline() == f"1 of {len(switches.FAULTS)} faults are on.\n"
        base_url = found.group().removesuffix("/openapi.json")
        assert httpx.get(f"{base_url}/loans").json()["total"] == 4
        process.send_signal(signalled)
        assert process.wait(timeout=10) == 0


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with _start("--port", str(port)) as process:
            _, said = process.communicate(timeout=10)
    assert process.returncode == 1
    assert f"Port {port} is in use" in said


def test_the_list_names_every_fault() -> None:
    result = CliRunner().invoke(serving.main, ["--list"], env={"DEMO_FAULTS": None})
    assert result.exit_code == 0
    assert result.output.count("on ") >= len(switches.FAULTS)


def test_an_unknown_fault_is_a_usage_error() -> None:
    result = CliRunner().invoke(serving.main, [], env={"DEMO_FAULTS": "nonsense"})
    assert result.exit_code == 2
    assert "There is no fault nonsense. See --list." in result.output
