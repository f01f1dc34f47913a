import select
import threading

from bridge.transport.wakeup import Wakeup


def is_readable(wakeup: Wakeup) -> bool:
    return bool(select.select([wakeup.fileno()], [], [], 0)[0])


def test_the_descriptor_is_readable_while_the_flag_is_set() -> None:
    wakeup = Wakeup()
    assert not is_readable(wakeup)
    wakeup.set()
    wakeup.set()
    assert is_readable(wakeup)
    wakeup.clear()
    wakeup.clear()
    assert not is_readable(wakeup)
    wakeup.close()


def test_waiting_ends_with_the_flag_or_the_time() -> None:
    wakeup = Wakeup()
    assert not wakeup.wait(0)
    threading.Timer(0.02, wakeup.set).start()
    assert wakeup.wait(None)
    wakeup.close()


def test_threads_may_wake_what_is_closed() -> None:
    wakeup = Wakeup()
    wakeup.close()
    wakeup.close()
    wakeup.set()
