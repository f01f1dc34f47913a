"""What all gateways of one run share: the addresses of its target, and the pace of its requests.

A name is resolved once for a run. Every address it has must be allowed, and only these are
connected to afterwards: a name server that changes its mind leads nobody elsewhere.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from app.domain.network import NetworkPolicy
from worker.gateway.rules import Origin, RefusedError

#: How many seconds' worth of requests may be sent at once after a pause.
_BURST_SECONDS = 1.0


class Passage:
    """The way of one run to its target; lives on the hub's loop."""

    def __init__(
        self,
        target: Origin,
        network: NetworkPolicy,
        requests_per_second: float,
        clock: Callable[[], float],
    ) -> None:
        self._target = target
        self._network = network
        self._interval = 1 / requests_per_second if requests_per_second else 0.0
        self._clock = clock
        self._pinned: tuple[str, ...] = ()
        #: When the next request is due if all keep the pace.
        self._due = float("-inf")

    async def addresses(self) -> tuple[str, ...]:
        """The addresses to connect to; at least one.

        Raises RefusedError where one of them must not be asked, OSError where there is none.
        """
        if not self._pinned:
            found = await self._resolved()
            # Whoever asked first has decided, if several asked at once.
            self._pinned = self._pinned or found
        return self._pinned

    async def _resolved(self) -> tuple[str, ...]:
        host, port = self._target.host, self._target.port
        try:
            entries = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except UnicodeError as error:
            raise OSError(f"{host} is no name of a host") from error
        found = tuple(dict.fromkeys(str(entry[4][0]) for entry in entries))
        for address in found:
            if objection := self._network.objection(host, port, address):
                raise RefusedError(
                    f"the address {address} of {host} must not be asked: {objection};"
                    " an administrator can allow the host (TESTOPS_ALLOWED_PRIVATE_HOSTS)"
                )
        return found

    def hold(self) -> float:
        """Take a place in the queue of requests; says how many seconds to wait for it.

        The generic cell rate algorithm (ITU-T I.371): a pause is made up for by at most one
        second's worth of requests at once.
        """
        now = self._clock()
        due = max(self._due, now - _BURST_SECONDS)
        self._due = due + self._interval
        return max(due - now, 0.0)
