"""What a script may read: the interpreter, the libraries, and what the engine runs in its process.

The rest of the machine has no place here: neither other packages of the platform nor the folder
they lie in, which on a developer's machine holds settings, secrets and databases.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

#: Our packages of which code runs in a case's process: tracebacks show their lines.
_OURS = ("testops", "worker")
_ROOT = Path(__file__).resolve().parents[2]

#: What the interpreter and the C library read of the system. No programs, accounts, hosts or keys.
_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"),
    *("/usr/share/zoneinfo", "/usr/share/ca-certificates", "/usr/share/locale"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types"),
    *("/etc/ssl/certs", "/etc/ca-certificates", "/etc/pki/tls/certs", "/etc/pki/ca-trust"),
)
#: Devices without state.
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


def readable() -> tuple[str, ...]:
    """Every path that a script may read, whole folders; none lies in another."""
    found = [*_SYSTEM, *_interpreter(), *(str(_ROOT / name) for name in _OURS)]
    return outermost(path for path in found if Path(path).exists())


def _interpreter() -> Sequence[str]:
    """The standard library and the installed libraries, by every name they are imported by."""
    schemes = ("stdlib", "platstdlib", "purelib", "platlib")
    return (
        *(sysconfig.get_path(name) for name in schemes),
        *(path for path in sys.path if Path(path).name in {"site-packages", "dist-packages"}),
        # Shared libraries of an interpreter that was built for itself, and the zip of others.
        *(f"{sys.base_prefix}/lib", *(path for path in sys.path if path.endswith(".zip"))),
    )


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Without those that lie in another one, in the order of their names."""
    kept: list[str] = []
    for path in sorted(os.path.normpath(path) for path in paths):
        if not any(path == other or path.startswith(f"{other}/") for other in kept):
            kept.append(path)
    return tuple(kept)
