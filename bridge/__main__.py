"""`python -m bridge relay|results|notifications|analytics|all|topics`: the bridge's processes."""

from __future__ import annotations

import sys

import click

from app import database, logging
from app.errors import PlatformError
from app.settings import RunnerSettings, Settings, read
from bridge import broker, process, processes
from bridge.kafka import topics


@click.command()
@click.argument("name", metavar="PROCESS", type=click.Choice([*processes.LOOPS, "all", "topics"]))
def main(name: str) -> None:
    """Run one of the bridge's processes, or all of them in one, until told to end."""
    try:
        sys.exit(create_topics() if name == "topics" else serve(name))
    except PlatformError as error:
        sys.exit(f"bridge {name}: {error}")


def create_topics() -> int:
    """Create the topics that do not exist yet; a broker that makes them by itself needs none."""
    settings = read(RunnerSettings)
    created = [] if broker.is_embedded(settings) else topics.create_all(settings.kafka_brokers)
    click.echo(f"Created: {', '.join(created)}" if created else "Every topic is there.")
    return 0


def serve(name: str) -> int:
    """Run until SIGTERM or SIGINT; exit status 1 where a loop broke."""
    settings = read(Settings)
    logging.configure(settings, process=f"bridge-{name}")
    process.serve_metrics(settings)
    engine = database.engine_of(settings)
    stop = process.until_told()
    around = processes.Surroundings(settings, engine, database.sessions(engine), stop)
    names = [*processes.LOOPS] if name == "all" else [name]
    try:
        return 0 if processes.run(names, around) else 1
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
