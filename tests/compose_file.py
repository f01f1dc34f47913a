"""docker-compose.yml as Compose itself understands it."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.shared_material import ROOT

#: The secrets that compose asks for, and values that do for a test.
SECRETS = {
    "TESTOPS_SECRET_KEY": "a-secret-key-for-tests-of-more-than-32-characters",
    "TESTOPS_ADMIN_EMAIL": "admin@example.org",
    "TESTOPS_ADMIN_PASSWORD": "first-admins-password",
    "POSTGRES_PASSWORD": "databasepassword",
    "FLOWER_PASSWORD": "flowerpassword",
    "GRAFANA_PASSWORD": "grafanapassword",
}

#: Every process of ours that goes on running, as docs/processes.md names them.
LASTING = (
    "web",
    "generator",
    "runner",
    "scheduler",
    "bridge-relay",
    "bridge-results",
    "bridge-notifications",
    "bridge-analytics",
    "bridge-dead-letters",
    "flower",
)
#: Those that end before the others begin.
ONCE = ("migrate", "topics")


def program(name: str) -> Path:
    """A program of the environment that the tests run in."""
    return Path(sys.executable).with_name(name)


def compose(
    *arguments: str, environment: Mapping[str, str] = SECRETS
) -> subprocess.CompletedProcess[str]:
    """Run Compose on the project's file, with just this environment."""
    return subprocess.run(
        [program("docker-compose"), "--env-file", os.devnull, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@functools.cache
def services() -> Mapping[str, Mapping[str, Any]]:
    """Every service with all defaults and anchors filled in, profiles included."""
    config = compose("--profile", "*", "config", "--format", "json")
    assert config.returncode == 0, config.stderr
    found: Mapping[str, Mapping[str, Any]] = json.loads(config.stdout)["services"]
    return found
