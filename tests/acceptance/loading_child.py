"""Loads the descriptions named on its input under limits, and answers each with a line of JSON.

Memory is limited, and an audit hook notes every connection, every program started and every file
opened that is neither part of the program nor inside the folder it may read.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from app.errors import DescriptionError
from app.openapi import reading

#: Address space of the whole process, the interpreter included.
MEMORY_BYTES = 512 * 1024 * 1024
_FORBIDDEN = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.sendto", "os.system", "subprocess.Popen"}
)
_PROGRAM = (sys.prefix, sys.base_prefix, str(Path(reading.__file__).parents[1]))
#: What only a file of the machine would have brought into a result.
_LEAKS = ("root:x:0:0", "PATH=/")


class Watch:
    """Notes what a load must not do."""

    def __init__(self) -> None:
        self.folder = ""
        self.seen: list[str] = []

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """An audit hook (PEP 578)."""
        if event in _FORBIDDEN:
            self.seen.append(event)
        elif event == "open" and self.folder and isinstance(arguments[0], str | bytes):
            path = os.fsdecode(arguments[0])
            if not path.startswith((*_PROGRAM, self.folder)):
                self.seen.append(path)


def attempt(path: str, folder: str) -> Mapping[str, object]:
    """Load one description, its references confined to a folder, and tell what came of it."""
    try:
        description = reading.read(path, root=Path(folder))
    except DescriptionError as error:
        return {"loaded": False, "detail": error.detail, "where": error.where}
    text = repr(description)
    json.dumps([dict(description.schemas), text.encode().decode()], allow_nan=False)
    return {
        "loaded": True,
        "operations": len(description.operations),
        "problems": [[problem.pointer, problem.message] for problem in description.problems],
        "leaks": [leak for leak in _LEAKS if leak in text],
    }


def main() -> None:
    """Answer every line of the input; seconds are the processor's, other processes aside."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    watch = Watch()
    sys.addaudithook(watch)
    for line in sys.stdin:
        path, folder = json.loads(line)
        watch.folder, watch.seen = folder, []
        begun = time.process_time()
        answer = attempt(path, folder)
        seconds = time.process_time() - begun
        watch.folder = ""
        print(json.dumps({**answer, "seconds": seconds, "seen": watch.seen}), flush=True)  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
