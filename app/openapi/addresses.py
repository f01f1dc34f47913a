"""The addresses of a host that a description is fetched from."""

from __future__ import annotations

import socket
import threading
from queue import Empty, SimpleQueue


def resolve(host: str, port: int, timeout_seconds: float) -> list[str]:
    """The addresses of a host, as the system resolves it.

    Spellings such as 0x7f000001 come out as the addresses they mean. OSError when there are none;
    TimeoutError (an OSError) when the resolver takes longer. The resolver cannot be interrupted, so
    it works on a thread that is left behind then.
    """
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError) as error:
            answers.put(OSError(str(error)))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=max(timeout_seconds, 0))
    except Empty:
        raise TimeoutError("the name was not resolved in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer
