"""`python -m bridge NAMES|all|topics`: the bridge's processes."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from app import database, logging
from app.errors import PlatformError
from app.settings import RunnerSettings, Settings, read
from bridge import broker, process, processes
from bridge.kafka import topics

ALL = "all"
TOPICS = "topics"


@click.command()
@click.argument(
    "names", nargs=-1, required=True, type=click.Choice([*processes.LOOPS, ALL, TOPICS])
)
def main(names: tuple[str, ...]) -> None:
    """Run one of the bridge's loops, several or all of them in one process, until told to end.

    `topics` creates the topics instead.
    """
    try:
        sys.exit(create_topics() if TOPICS in names else serve(names))
    except PlatformError as error:
        sys.exit(f"bridge: {error}")


def create_topics() -> int:
    """Create the topics that do not exist yet; a broker that makes them by itself needs none."""
    settings = read(RunnerSettings)
    if broker.is_embedded(settings):
        created = []
    else:
        created = topics.create_all(settings.kafka_brokers, options=broker.security(settings))
    click.echo(f"Created: {', '.join(created)}" if created else "Every topic is there.")
    return 0


def serve(names: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; exit status 1 where a loop broke."""
    settings = read(Settings)
    logging.configure(settings, process=f"bridge-{'-'.join(names)}")
    process.serve_metrics(settings)
    engine = database.engine_of(settings)
    stop = process.until_told()
    around = processes.Surroundings(settings, engine, database.sessions(engine), stop)
    chosen = [loop for loop in processes.LOOPS if loop in names or ALL in names]
    try:
        return 0 if processes.run(chosen, around) else 1
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
