import threading

from bridge.transport.ledger import Delivery, Ledger

HERE = ("queue", 0)
THERE = ("queue", 1)


def delivered(ledger: Ledger, offset: int) -> Delivery:
    delivery = ledger.deliver(HERE, offset)
    assert delivery is not None
    return delivery


def test_only_progress_is_due() -> None:
    ledger = Ledger()
    ledger.assign([HERE, THERE])
    first, second = delivered(ledger, 3), delivered(ledger, 4)

    assert ledger.due() == {}
    ledger.finish(second)
    assert ledger.due() == {}
    ledger.finish(first)
    assert ledger.due() == {HERE: 5}
    assert ledger.due([THERE, ("other", 0)]) == {}
    ledger.committed({HERE: 5, ("other", 0): 1})
    assert ledger.due() == {}


def test_an_acknowledgement_from_an_earlier_assignment_changes_nothing() -> None:
    ledger = Ledger()
    ledger.assign([HERE])
    early = delivered(ledger, 0)
    ledger.revoke([HERE, THERE])
    assert not ledger.finish(early)

    ledger.assign([HERE])
    late = delivered(ledger, 0)
    assert early.tag != late.tag
    assert not ledger.finish(early)
    assert ledger.due() == {}
    assert ledger.finish(late)


def test_what_is_fetched_for_others_or_twice_is_not_handed_out() -> None:
    ledger = Ledger()
    assert ledger.deliver(HERE, 0) is None
    ledger.assign([HERE])
    delivered(ledger, 0)
    assert ledger.deliver(HERE, 0) is None


def test_waiting_ends_when_running_tasks_are_finished() -> None:
    ledger = Ledger()
    ledger.assign([HERE])
    running = delivered(ledger, 0)
    delivered(ledger, 1)

    assert not ledger.wait_finished([HERE, THERE], but=1, seconds=0)
    threading.Thread(target=ledger.finish, args=[running]).start()
    assert ledger.wait_finished([HERE, THERE], but=1, seconds=10)
