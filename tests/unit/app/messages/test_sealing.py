import json

import pytest

from app.errors import InvalidInputError
from app.messages import sealing


def test_only_the_same_secret_opens_a_seal() -> None:
    sealed = sealing.Seal("one").close({"Authorization": "Bearer s3cret"})
    assert "s3cret" not in sealed
    assert json.loads(sealing.Seal("one").open(sealed)) == {"Authorization": "Bearer s3cret"}
    with pytest.raises(InvalidInputError, match="seal is broken"):
        sealing.Seal("two").open(sealed)


def test_a_changed_seal_is_refused() -> None:
    sealed = sealing.Seal("one").close([1])
    with pytest.raises(InvalidInputError, match="TESTOPS_SECRET_KEY"):
        sealing.Seal("one").open(sealed[:-8] + "AAAAAAA=")


def test_text_that_is_no_seal_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="seal is broken"):
        sealing.Seal("one").open("\u00e9")


def test_a_compression_bomb_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MAX_BYTES", 1000)
    seal = sealing.Seal("one")
    with pytest.raises(InvalidInputError, match="more than 1000 bytes"):
        seal.open(seal.close("a" * 2000))


def test_sealed_values_are_compressed() -> None:
    value = "abc" * 10_000
    assert len(sealing.Seal("one").close(value)) < len(value) / 10
