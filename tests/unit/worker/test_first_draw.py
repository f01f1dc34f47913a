from __future__ import annotations

from worker import first_draw


def test_inputs_are_drawn_from_a_contract_of_its_own() -> None:
    assert first_draw.draw() == 3
