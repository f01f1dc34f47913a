"""How text of others is shown to a model."""

from app.ai.prompts import fencing


def test_half_of_a_surrogate_pair_is_replaced_for_nothing_can_send_it() -> None:
    assert "a\N{REPLACEMENT CHARACTER}b".encode() in fencing.fenced("name", "a\ud800b").encode()
