from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.plans import PlannedCase
from tests.behaviour.worker.support import shard_of
from worker import layout


@pytest.mark.parametrize(
    ("line", "generates"),
    [
        ("for response in generated(api, 'GET', '/pets', examples=20, seed=0):", True),
        ("response = api.get('/generated')", False),
        ("regenerated(api)", False),
    ],
)
def test_an_order_says_whether_its_module_generates_inputs(line: str, generates: bool) -> None:  # noqa: FBT001 - a parameter of the test
    case = PlannedCase("c1", "GET /pets", "test_it.py", f"def test_a(api):\n    {line}\n")

    assert layout.order(case, shard_of(), Path("/"), {}).generates is generates
