from bridge.transport.breather import Breather


class Worker:
    """A clock that goes on with each rest."""

    def __init__(self) -> None:
        self.now = 100.0
        self.rested = 0.0

    def wait_for_room(self, seconds: float) -> None:
        self.now += seconds
        self.rested += seconds


def breather_of(worker: Worker) -> Breather:
    return Breather(worker.wait_for_room, lambda: worker.now)


def test_a_full_worker_rests_for_a_second_and_then_no_more() -> None:
    worker = Worker()
    breather = breather_of(worker)
    while breather.rests(is_full=True):
        assert worker.rested < 1.2
    assert worker.rested >= 0.95
    assert not breather.rests(is_full=True)


def test_after_there_was_room_it_may_rest_again() -> None:
    worker = Worker()
    breather = breather_of(worker)
    while breather.rests(is_full=True):
        pass
    assert not breather.rests(is_full=False)
    assert breather.rests(is_full=True)
