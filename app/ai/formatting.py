"""Lays Python source out with ruff, many modules at once."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import ruff  # type: ignore[import-untyped] # publishes no types

from app.errors import UnavailableError

LINE_LENGTH = 100

#: Formatting a thousand modules takes about a second.
_TIMEOUT_SECONDS = 120


def formatted(sources: Mapping[str, str]) -> dict[str, str]:
    """File name → source, laid out; raises UnavailableError where ruff cannot be run."""
    with tempfile.TemporaryDirectory(prefix="testops-") as folder:
        for name, source in sources.items():
            Path(folder, name).write_text(source, "utf-8")
        _format(folder)
        return {name: Path(folder, name).read_text("utf-8") for name in sources}


def _format(folder: str) -> None:
    command = [ruff.find_ruff_bin(), "format", "--isolated", "--no-cache"]
    try:
        subprocess.run(  # noqa: S603 - our own arguments only
            [*command, "--line-length", str(LINE_LENGTH), "--target-version", "py311", folder],
            check=True,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
        )
    except subprocess.SubprocessError as error:
        reason = getattr(error, "stderr", "") or str(error)
        raise UnavailableError(f"The formatter failed: {reason.strip()}") from error
