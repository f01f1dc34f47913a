"""A cable between clients and a server that can be pulled or be slow: a TCP proxy in threads."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

_CHUNK: Final = 65_536
#: How often a thread looks whether it should end.
_LOOK_SECONDS: Final = 0.2


class Cable:
    """Passes on what comes to one port to another one, or to a Unix socket.

    A pulled cable is silent: connections stay open and nothing gets through, as where a switch has
    lost its power. What was sent meanwhile arrives when it is plugged in again. A slow one holds
    each piece of an answer back for a while.
    """

    def __init__(self, port: int, target: int | str) -> None:
        self.address = f"127.0.0.1:{port}"
        self._target = target
        self._delay = 0.0
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

    @contextlib.contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """Answers come so much later for a while."""
        self._delay = seconds
        try:
            yield
        finally:
            self._delay = 0.0

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
            far = self._reach()
        except OSError:
            near.close()
            return
        for each in (near, far):
            each.settimeout(_LOOK_SECONDS)
        self._start(self._pass_on, near, far)
        self._start(self._pass_back, far, near)

    def _reach(self) -> socket.socket:
        if isinstance(self._target, int):
            return socket.create_connection(("127.0.0.1", self._target))
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._target)
        return far

    def _pass_back(self, far: socket.socket, near: socket.socket) -> None:
        # The delay is what this cable is for.
        self._pass_on(far, near, lambda: time.sleep(self._delay))

    def _pass_on(
        self, one: socket.socket, other: socket.socket, wait: Callable[[], None] = lambda: None
    ) -> None:
        """Until either end is closed; closing both ends the thread of the other direction."""
        with one, other, contextlib.suppress(OSError):
            while not self._is_closed:
                try:
                    chunk = one.recv(_CHUNK)
                except TimeoutError:
                    continue
                self._plugged.wait()
                wait()
                if not chunk:
                    return
                other.sendall(chunk)
