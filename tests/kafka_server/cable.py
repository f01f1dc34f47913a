"""A cable between clients and a broker that can be pulled: a TCP proxy in a thread."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Final

_CHUNK: Final = 65_536
#: How often a thread looks whether it should end.
_LOOK_SECONDS: Final = 0.2


class Cable:
    """Passes on what comes to one port to another one.

    A pulled cable is silent: connections stay open and nothing gets through, as where a switch has
    lost its power. What was sent meanwhile arrives when it is plugged in again.
    """

    def __init__(self, port: int, target: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self._target = target
        self._plugged = threading.Event()
        self._plugged.set()
        self._is_closed = False
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.settimeout(_LOOK_SECONDS)
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    @contextlib.contextmanager
    def pulled(self) -> Iterator[None]:
        """Nothing gets through for a while."""
        self._plugged.clear()
        try:
            yield
        finally:
            self._plugged.set()

    def close(self) -> None:
        """End all connections."""
        self._is_closed = True
        self._plugged.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _start(self, act: object, *args: socket.socket) -> None:
        assert callable(act)
        thread = threading.Thread(target=act, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._is_closed:
            with contextlib.suppress(TimeoutError):
                near, _ = self._listener.accept()
                self._connect(near)

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            near.close()
            return
        for each in (near, far):
            each.settimeout(_LOOK_SECONDS)
        self._start(self._pass_on, near, far)
        self._start(self._pass_on, far, near)

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        """Until either end is closed; closing both ends the thread of the other direction."""
        with one, other, contextlib.suppress(OSError):
            while not self._is_closed:
                try:
                    chunk = one.recv(_CHUNK)
                except TimeoutError:
                    continue
                self._plugged.wait()
                if not chunk:
                    return
                other.sendall(chunk)
