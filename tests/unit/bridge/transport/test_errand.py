import threading

import pytest

from bridge.transport.errand import Errand


def test_whoever_sends_an_errand_does_not_wait() -> None:
    done = threading.Event()
    errand = Errand(lambda: done.wait(10))
    assert not errand.is_over()
    done.set()
    assert errand.result() is True
    assert errand.is_over()


def test_what_goes_wrong_is_told_with_the_result() -> None:
    errand = Errand(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        errand.result()
