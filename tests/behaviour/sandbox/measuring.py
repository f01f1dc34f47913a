"""Coverage of processes that may not write where the tests do."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_CONFIGURATION = "COVERAGE_PROCESS_CONFIG"


@contextmanager
def rerouted(folder: Path) -> Iterator[Mapping[str, str]]:
    """The environment for processes that measure themselves into this folder, open to everybody.

    What they have written is brought to where coverage looks for it; nothing where none runs.
    """
    given = os.environ.get(_CONFIGURATION)
    if given is None:
        yield {}
        return
    folder.mkdir()
    folder.chmod(0o1777)
    configuration = json.loads(base64.b64decode(given))
    wanted = Path(configuration["data_file"])
    configuration["data_file"] = str(folder / "data")
    text = base64.b64encode(json.dumps(configuration).encode()).decode()
    yield {_CONFIGURATION: text, "SANDBOX_MEASURES": str(folder)}
    for path in folder.glob("data.*"):
        shutil.move(path, wanted.with_name(path.name.replace("data", wanted.name, 1)))
