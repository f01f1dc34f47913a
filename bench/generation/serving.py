"""Serves an application on a free port and counts what it is asked.

`python -m bench.generation.serving MODULE:FACTORY [ARGUMENT]` prints its address, serves until its
standard input is closed, and then prints how many requests there were. It needs nothing of ours,
so that an API with other requirements can be served in an environment of its own.
"""

from __future__ import annotations

import importlib
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug.serving import make_server

_Wsgi = Callable[..., Iterable[bytes]]


class _Counted:
    """An application that counts its requests, those for its description aside."""

    def __init__(self, app: _Wsgi) -> None:
        self._app = app
        self._lock = threading.Lock()
        self.count = 0

    def __call__(self, environ: Mapping[str, Any], start: object) -> Iterable[bytes]:
        if not environ["PATH_INFO"].endswith(".json"):
            with self._lock:
                self.count += 1
        return self._app(environ, start)


def main(place: str, *arguments: str) -> None:
    """Serve until there is no more input."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    module, _, name = place.partition(":")
    found = getattr(importlib.import_module(module), name)
    app = _Counted(found(*arguments) if arguments else found)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    sys.stdin.read()
    server.shutdown()
    thread.join()
    print(app.count, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
