"""Where the material beside the project lies that some tests measure against."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = (ROOT.parent / "shared").resolve()

#: The descriptions and faulty APIs are not part of the project, so a clone may lack them.
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(),
    reason="the folder 'shared' with real API descriptions is not beside the project",
)
