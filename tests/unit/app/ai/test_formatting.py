from __future__ import annotations

import pytest

from app.ai import formatting
from app.errors import UnavailableError


def test_sources_are_laid_out_together() -> None:
    laid_out = formatting.formatted({"a.py": "x = { 'a':1 }", "b.py": "y=2"})

    assert laid_out == {"a.py": 'x = {"a": 1}\n', "b.py": "y = 2\n"}


def test_text_beyond_ascii_survives() -> None:
    assert formatting.formatted({"a.py": "x = '日\u2028😀'\n"}) == {"a.py": 'x = "日\u2028😀"\n'}


def test_what_is_no_python_is_reported() -> None:
    with pytest.raises(UnavailableError, match=r"The formatter failed: .*a\.py"):
        formatting.formatted({"a.py": "def"})


def test_a_formatter_that_does_not_end_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatting, "_TIMEOUT_SECONDS", 0)

    with pytest.raises(UnavailableError, match="timed out"):
        formatting.formatted({"a.py": "x = 1"})
