"""The private folder of a case, and the order that sends a process there."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.domain.plans import PlannedCase, Shard
from app.errors import InvalidInputError
from worker.order import DIAL, Order

_CONTRACT = "contract.json"
#: A plain file name that neither leaves the folder nor reads as an option of pytest.
_MODULE = re.compile(r"\w[\w.-]{0,150}\.py", re.ASCII)
#: Stands in modules that generate inputs.
_GENERATES = re.compile(r"\bgenerated\(")


def check_name(module: str) -> None:
    """Raise InvalidInputError unless the name is that of a Python module in its own folder."""
    if not _MODULE.fullmatch(module):
        raise InvalidInputError("The case's file name is no plain name of a Python module.")


@contextmanager
def private_folder(case: PlannedCase, shard: Shard, workspace: Path) -> Iterator[Path]:
    """A folder with the case's module and contract, removed with everything that comes into it."""
    folder = Path(tempfile.mkdtemp(prefix="case-", dir=workspace))
    try:
        (folder / case.module).write_bytes(case.script.encode("utf-8", "surrogatepass"))
        (folder / _CONTRACT).write_text(shard.contract, encoding="utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def order(
    case: PlannedCase,
    shard: Shard,
    folder: Path,
    secrets: Mapping[str, str],
    checks: Sequence[str] = (),
) -> Order:
    """What the warm parent is asked for: nothing in it is secret.

    `secrets` are the placeholders of the secrets that the script may use, by name; `checks` are
    those that are to run, none for all. Of the identities the script gets the names.
    """
    names: Mapping[str, Mapping[str, str]] = {name: {} for name in shard.target.identities}
    return Order(
        directory=str(folder),
        module=case.module,
        environment={
            "TESTOPS_BASE_URL": shard.target.base_url,
            "TESTOPS_GATEWAY": str(DIAL),
            "TESTOPS_CONTRACT": str(folder / _CONTRACT),
            **({"TESTOPS_SECRETS": json.dumps(dict(secrets))} if secrets else {}),
            **({"TESTOPS_IDENTITIES": json.dumps(names)} if names else {}),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "NO_COLOR": "1",
        },
        check_seconds=shard.limits.check_seconds,
        cpu_seconds=shard.limits.cpu_seconds,
        memory_bytes=shard.limits.memory_bytes,
        checks=tuple(checks),
        generates=bool(_GENERATES.search(case.script)),
    )
