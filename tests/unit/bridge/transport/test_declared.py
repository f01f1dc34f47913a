import pytest

from bridge.transport.declared import Declared


def test_brokers_are_asked_only_when_somebody_looks() -> None:
    asked: list[str] = []

    def count() -> int:
        asked.append("now")
        return 7

    declared = Declared("mail", count)
    assert (declared.queue, declared[0], len(declared)) == ("mail", "mail", 3)
    assert not asked
    assert tuple(declared) == ("mail", 7, 0)
    assert declared[1] == declared.message_count == 7
    assert len(asked) == 1
    with pytest.raises(IndexError):
        _ = declared[3]
