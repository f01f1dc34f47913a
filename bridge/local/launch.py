"""Brings the platform up in the right order, and down again."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app import database
from app.services import reaper, users
from app.settings import Settings, read
from bridge.local import parts, postgres
from bridge.local.keeper import Keeper, Pace
from bridge.local.parts import Part, Site
from bridge.local.postgres import Cluster
from bridge.local.screen import Screen


async def run(site: Site, screen: Screen, pace: Pace) -> None:
    """Run everything until SIGINT or SIGTERM; when this returns nothing of it is left."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    screen.start(site.state.folder)
    crew = Crew(site, screen, pace)
    start = asyncio.create_task(crew.start())
    end = asyncio.create_task(told.wait())
    try:
        await asyncio.wait({start, end}, return_when=asyncio.FIRST_COMPLETED)
        if start.done():
            start.result()
            await end
    finally:
        screen.stopping()
        start.cancel()
        end.cancel()
        await asyncio.gather(start, end, return_exceptions=True)
        await crew.end()
        screen.stopped()


class Crew:
    """The keepers of all parts, in the order in which they were started."""

    def __init__(self, site: Site, screen: Screen, pace: Pace) -> None:
        self._site = site
        self._screen = screen
        self._pace = pace
        self._foundation: list[Keeper] = []
        self._platform: list[Keeper] = []
        self._cluster: Cluster | None = None

    async def start(self) -> None:
        """Start everything; returns when all of it is ready."""
        site = self._site
        site.state.broker_address.unlink(missing_ok=True)
        broker = self._keep(parts.broker(site), on_back=self._broker_is_back)
        demo = self._keep(parts.demo(site))
        self._foundation += [broker, demo]
        cluster = await asyncio.to_thread(postgres.prepare, site.state.postgres)
        self._cluster = cluster
        server = self._keep(parts.postgres(cluster))
        self._foundation.append(server)
        await _all_ready([broker, server])
        await self._prepare_database(cluster)
        self._platform += [self._keep(part) for part in parts.platform(site, cluster)]
        await _all_ready([demo, *self._platform])
        self._screen.open(site.url, site.demo_url, site.state.admin())

    async def end(self) -> None:
        """End everything: first what uses the database and the broker, then these."""
        await asyncio.gather(*(keeper.end() for keeper in self._platform))
        await asyncio.gather(*(keeper.end() for keeper in self._foundation))

    def _keep(self, part: Part, on_back: Callable[[], Awaitable[None]] | None = None) -> Keeper:
        log = self._site.state.log(part.name)
        return Keeper(part, log, self._screen, pace=self._pace, on_back=on_back)

    async def _prepare_database(self, cluster: Cluster) -> None:
        started = time.monotonic()
        await asyncio.to_thread(prepare_database, self._site, cluster)
        self._screen.ready("tables", time.monotonic() - started)

    async def _broker_is_back(self) -> None:
        """A new embedded broker has another address, and knows nothing of what was published."""
        if self._cluster is not None:
            await asyncio.to_thread(forget_broker, self._site, self._cluster)
        await asyncio.gather(*(keeper.restart("the broker") for keeper in self._platform))


def prepare_database(site: Site, cluster: Cluster) -> None:
    """Create the database, bring its tables up to date, and let the first admin in."""
    cluster.create_database()
    settings = settings_of(site, cluster)
    database.migrate(settings)
    site.state.write_environment(
        {"TESTOPS_DATABASE_URL": cluster.url(), "TESTOPS_SECRET_KEY": site.state.secret_key()}
    )
    admin = site.state.admin()
    with _session(settings) as session:
        users.ensure_admin(session, email=admin.email, password=admin.password)
        # The broker is a new one.
        reaper.forget_broker(session)


def forget_broker(site: Site, cluster: Cluster) -> None:
    """Have everything published again that the broker held."""
    with _session(settings_of(site, cluster)) as session:
        reaper.forget_broker(session)


def settings_of(site: Site, cluster: Cluster) -> Settings:
    """The platform's settings here; raises InvalidInputError for what the user has set wrongly."""
    return read(Settings, database_url=cluster.url(), secret_key=site.state.secret_key())


@contextmanager
def _session(settings: Settings) -> Iterator[Session]:
    engine = database.engine_of(settings)
    try:
        with database.sessions(engine).begin() as session:
            yield session
    finally:
        engine.dispose()


async def _all_ready(keepers: Iterable[Keeper]) -> None:
    await asyncio.gather(*(keeper.ready.wait() for keeper in keepers))
