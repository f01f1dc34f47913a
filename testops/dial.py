"""The way out of a case's process: connections that are asked for, never made.

A process that the engine runs may open no socket of its own. It inherits one descriptor, on which
it asks for a connection, and gets one that is open already: a descriptor (SCM_RIGHTS, unix(7))
whose other end the gateway serves. Where no engine runs the module, none of this is used.
"""

from __future__ import annotations

import socket
import threading

import httpx

from testops.exchanges import Connection

#: The gateway has a name on the wire for the client's sake; no name is looked up.
GATEWAY = "http://gateway"

#: Connections of one client; further requests wait for one of them.
_CONNECTIONS = 32
#: What is said instead of a connection is shorter.
_WORD_BYTES = 512


class Transport(httpx.BaseTransport):
    """Sends the requests of an httpx client over connections from a descriptor.

    May be used from several threads. The descriptor stays open when the transport is closed.
    """

    def __init__(self, descriptor: int) -> None:
        self._dial = Dial(descriptor)
        self._room = threading.BoundedSemaphore(_CONNECTIONS)
        #: Open and unused; the last one used is used first.
        self._idle: list[Connection] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its answer; raises httpx.TransportError where none comes."""
        with self._room:
            connection = self._connection()
            try:
                answer = connection.exchange(request)
            except TimeoutError as error:
                raise httpx.ReadTimeout("The gateway gave no answer in time.") from error
            except (OSError, EOFError, ValueError) as error:
                raise httpx.TransportError(f"the gateway gave no answer: {error}") from error
            finally:
                if connection.is_reusable:
                    self._idle.append(connection)
                else:
                    connection.close()
        return answer

    def close(self) -> None:
        """Close the connections."""
        while self._idle:
            self._idle.pop().close()
        self._dial.close()

    def _connection(self) -> Connection:
        """One that was used before and is still open, or a new one."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_quiet():
                return connection
            connection.close()
        return Connection(self._dial.connect())


class Dial:
    """Asks for connections on a descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._line = socket.fromfd(descriptor, socket.AF_UNIX, socket.SOCK_SEQPACKET)
        #: An answer is for whoever asked.
        self._lock = threading.Lock()

    def connect(self) -> socket.socket:
        """A connection to the gateway; raises httpx.ConnectError with the gateway's reason."""
        try:
            with self._lock:
                self._line.send(b"?")
                word, descriptors, _, _ = socket.recv_fds(
                    self._line, _WORD_BYTES, 1, socket.MSG_CMSG_CLOEXEC
                )
        except OSError as error:
            raise httpx.ConnectError(f"the gateway does not answer: {error}") from error
        if not descriptors:
            reason = word.decode() or "it is gone, or this process has no descriptor left"
            raise httpx.ConnectError(f"the gateway gave no connection: {reason}")
        return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=descriptors[0])

    def close(self) -> None:
        """Ask for no more."""
        self._line.close()
