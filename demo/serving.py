"""The demo's command: reads the switches, lists the faults or serves until it is stopped."""

from __future__ import annotations

import datetime as dt
import signal

import click
from werkzeug.serving import make_server

from demo import switches
from demo.application import create_app
from demo.faults import Fault


def today() -> dt.date:
    """The day in UTC."""
    return dt.datetime.now(tz=dt.UTC).date()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5050, show_default=True, help="Port; 0 takes a free one.")
@click.option("--list", "listing", is_flag=True, help="Print the faults and end.")
@click.option(
    "--faults",
    "setting",
    envvar="DEMO_FAULTS",
    default="all",
    show_default=True,
    show_envvar=True,
    help='"all", "none" or names of faults with commas between them.',
)
def main(host: str, port: int, setting: str, *, listing: bool) -> None:
    """Serve the Riverside Library, a demo API with faults to find."""
    try:
        switched_on = switches.chosen(setting)
    except ValueError as error:
        raise click.UsageError(f"{error} See --list.") from error
    if listing:
        click.echo(switches.table(switched_on))
        return
    serve(host, port, switched_on)


def serve(host: str, port: int, switched_on: tuple[Fault, ...]) -> None:
    """Serve until SIGINT or SIGTERM; both end it in order. A taken port ends it with status 1."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = make_server(host, port, create_app(switched_on, today), threaded=True)
    url = f"http://{host}:{server.server_port}"
    click.echo(f"Demo API on {url}, described at {url}/openapi.json")
    click.echo(f"{len(switched_on)} of {len(switches.FAULTS)} faults are on.")
    server.serve_forever()
