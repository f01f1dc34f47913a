import random
import threading

import pytest

from bridge.transport import completed
from bridge.transport.ledger import Commit, Delivery, Ledger

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
    beyond = {HERE: Commit(3, completed.encode(3, [4]))}
    assert ledger.due() == beyond
    ledger.committed(beyond)
    assert ledger.due() == {}
    ledger.finish(first)
    assert ledger.due() == {HERE: Commit(5)}
    assert ledger.due([THERE, ("other", 0)]) == {}
    ledger.committed({HERE: Commit(5), ("other", 0): Commit(1)})
    assert ledger.due() == {}


def test_what_was_finished_before_the_assignment_counts_as_finished() -> None:
    ledger = Ledger()
    known = Commit(3, completed.encode(3, [4, 6]))
    ledger.assign([HERE, THERE], {HERE: known})
    first = delivered(ledger, 3)

    assert ledger.due() == {}, "this is what the broker has already"
    assert ledger.deliver(HERE, 4) is None
    ledger.finish(first)
    assert ledger.due() == {HERE: Commit(5, completed.encode(5, [6]))}
    ledger.finish(delivered(ledger, 5))
    assert ledger.due() == {HERE: Commit(6, completed.encode(6, [6]))}
    assert ledger.deliver(HERE, 6) is None
    assert ledger.due() == {HERE: Commit(7)}


def test_a_partition_is_crowded_when_the_metadata_gets_full() -> None:
    """It is due before the limit, as what is fetched already must still fit."""
    ledger = Ledger(metadata_bytes=120)
    ledger.assign([HERE, THERE])
    deliveries = [delivered(ledger, offset) for offset in range(1000)]
    assert ledger.crowded() == set()
    finished = iter(random.Random(1).sample(deliveries[1:], 300))  # noqa: S311 - reproducible noise
    sizes = []
    while not ledger.crowded():
        ledger.finish(next(finished))
        sizes.append(len(ledger.due()[HERE].metadata))
    assert ledger.crowded() == {HERE}
    assert max(sizes[:-1]) <= 90 < sizes[-1] <= 120
    for delivery in deliveries:
        ledger.finish(delivery)
    assert ledger.due() == {HERE: Commit(1000)}
    assert ledger.crowded() == set()


def test_a_partition_is_crowded_far_ahead_of_its_first_unfinished_message() -> None:
    ledger = Ledger()
    ledger.assign([HERE])
    first = delivered(ledger, 0)
    delivered(ledger, completed.MOST_SPAN - 2)
    assert ledger.crowded() == set()
    delivered(ledger, completed.MOST_SPAN - 1)
    assert ledger.crowded() == {HERE}
    ledger.finish(first)
    assert ledger.crowded() == set()


@pytest.mark.parametrize("known", [range(1, 900, 3), range(1, 2000)])
def test_what_an_earlier_owner_has_got_to_is_never_crowded(known: range) -> None:
    """Its unfinished messages must all be delivered, or it would stay so for ever."""
    ledger = Ledger(metadata_bytes=40 if known.step == 1 else completed.MOST_BYTES)
    ledger.assign([HERE], {HERE: Commit(0, completed.encode(0, known))})
    for offset in range(known[-1]):
        ledger.deliver(HERE, offset)
        assert ledger.crowded() == set()


def test_the_metadata_is_left_out_where_the_broker_does_not_take_it() -> None:
    ledger = Ledger()
    ledger.assign([HERE])
    first, second, third = (delivered(ledger, offset) for offset in range(3))
    ledger.finish(third)
    assert ledger.due()
    ledger.commit_offsets_only()
    assert ledger.due() == {}
    ledger.finish(first)
    assert ledger.due() == {HERE: Commit(1)}
    ledger.finish(second)
    assert ledger.due() == {HERE: Commit(3)}


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


def test_what_is_fetched_for_others_is_not_handed_out() -> None:
    ledger = Ledger()
    assert ledger.deliver(HERE, 0) is None
    assert not ledger.falls(HERE, 0)


def test_a_cut_log_begins_anew_and_what_was_committed_of_it_is_replaced() -> None:
    ledger = Ledger()
    ledger.assign([HERE], {HERE: Commit(5)})
    assert not ledger.falls(HERE, 5)
    old = delivered(ledger, 5)
    assert ledger.falls(HERE, 5)
    assert ledger.falls(HERE, 2)
    assert not ledger.falls(HERE, 6)

    ledger.begin_anew(HERE)
    assert not ledger.falls(HERE, 2)
    new = delivered(ledger, 2)
    assert ledger.due() == {HERE: Commit(2)}, "else a crash would skip what is below 5"
    assert not ledger.finish(old)
    assert ledger.finish(new)
    assert ledger.due() == {HERE: Commit(3)}


def test_waiting_ends_when_running_tasks_are_finished() -> None:
    ledger = Ledger()
    ledger.assign([HERE])
    running = delivered(ledger, 0)
    delivered(ledger, 1)

    assert not ledger.wait_finished([HERE, THERE], but=1, seconds=0)
    threading.Thread(target=ledger.finish, args=[running]).start()
    assert ledger.wait_finished([HERE, THERE], but=1, seconds=10)


def test_a_beginning_never_takes_a_commit_back() -> None:
    ledger = Ledger()
    ledger.assign([("queue", 0)], {("queue", 0): Commit(5)}, begin=3)
    assert ledger.due() == {}
    ledger.assign([("queue", 0)], {}, begin=3)
    assert ledger.due() == {("queue", 0): Commit(3)}
    ledger.committed({("queue", 0): Commit(3)})
    assert ledger.due() == {}
