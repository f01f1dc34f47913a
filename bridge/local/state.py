"""The folder that `make run` keeps between starts: data, secrets, logs."""

from __future__ import annotations

import fcntl
import json
import secrets
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.errors import ConflictError

ADMIN_EMAIL = "admin@testops.local"


@dataclass(frozen=True, slots=True)
class Admin:
    """Who may sign in first."""

    email: str
    password: str


@dataclass(frozen=True, slots=True)
class State:
    """The folder and what lies where in it."""

    folder: Path

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data."""
        return self.folder / "postgres"

    @property
    def broker_address(self) -> Path:
        """Where the embedded broker says how to reach it."""
        return self.folder / "broker"

    def log(self, part: str) -> Path:
        """The log of a part."""
        return self.folder / "logs" / f"{part}.log"

    def heartbeat(self, part: str) -> Path:
        """The file that a part touches while it lives."""
        return self.folder / "heartbeats" / part

    def prepare(self) -> None:
        """Make the folder; others can pass through it, since PostgreSQL may be another user."""
        for folder in (self.folder, self.log("x").parent, self.heartbeat("x").parent):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def environment(self) -> Path:
        """What `testops` commands need, for a shell to source."""
        return self.folder / "environment"

    def write_environment(self, variables: Mapping[str, str]) -> None:
        """Write the file anew; it holds secrets, and only its owner reads it."""
        self.environment.unlink(missing_ok=True)
        self.environment.touch(mode=0o600)
        lines = (f"{name}={shlex.quote(value)}\n" for name, value in variables.items())
        self.environment.write_text("".join(lines))

    def secret_key(self) -> str:
        """The platform's secret key, made at the first start."""
        return self._kept("secret_key", lambda: secrets.token_urlsafe(48))

    def admin(self) -> Admin:
        """The first admin; the password is made at the first start."""
        return Admin(**json.loads(self._kept("admin.json", _new_admin)))

    def demo_port(self) -> int | None:
        """The demo's port of the last start, which addresses in the database name."""
        path = self.folder / "demo_port"
        return int(path.read_text()) if path.exists() else None

    def keep_demo_port(self, port: int) -> None:
        """Remember the demo's port."""
        (self.folder / "demo_port").write_text(str(port))

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the folder; raises ConflictError where another process does."""
        with (self.folder / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ConflictError(
                    f"The platform runs already with the state in {self.folder}.",
                    hint="Stop it first, or give another folder with --state.",
                ) from None
            yield

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        path = self.folder / name
        if not path.exists():
            draft = path.with_name(f"{name}.draft")
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600)
            draft.write_text(make())
            draft.replace(path)
        return path.read_text()


def _new_admin() -> str:
    return json.dumps({"email": ADMIN_EMAIL, "password": secrets.token_urlsafe(12)})
