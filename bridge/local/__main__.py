"""`python -m bridge.local --port N`: what `make run` runs."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

import click

from app.errors import ConflictError, PlatformError
from bridge.local import launch
from bridge.local.keeper import Pace
from bridge.local.parts import ROOT, Site
from bridge.local.screen import Screen
from bridge.local.state import State

#: Where the demo API listens, if it can.
DEMO_PORT = 5050


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, help="Of the web pages.")
@click.option("--demo-port", type=click.IntRange(0, 65535), help="Of the demo API; 0 is any.")
@click.option(
    "--state",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / ".run",
    help="Where data, secrets and logs are kept.",
)
def main(port: int, demo_port: int | None, folder: Path) -> None:
    """Run the whole platform on this machine until Ctrl-C."""
    try:
        require_free(port)
        state = State(folder.resolve())
        state.prepare()
        with state.claimed():
            chosen = choose_demo_port(state, demo_port)
            site = Site(state, port, chosen, given=dict(os.environ))
            asyncio.run(launch.run(site, Screen(), Pace()))
    except PlatformError as error:
        sys.exit(str(error))


def require_free(port: int) -> None:
    """Raises ConflictError where somebody listens on the port already."""
    if not is_free(port):
        raise ConflictError(
            f"Port {port} is taken.", hint=f"Choose another one: make run PORT={port + 1}"
        )


def choose_demo_port(state: State, wish: int | None) -> int:
    """The port wished for, else the last one, since suites in the database name it."""
    if wish:
        require_free(wish)
        return wish
    usual = state.demo_port() or (DEMO_PORT if wish is None else 0)
    port = usual if usual and is_free(usual) else _free_port()
    state.keep_demo_port(port)
    return port


def is_free(port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as probe:
        # As servers do: what was closed a moment ago is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    main()
