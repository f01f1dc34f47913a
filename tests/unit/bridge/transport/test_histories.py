"""Any history of deliveries, acknowledgements, crashes and rebalances, against a model broker."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from bridge.transport import completed
from bridge.transport.ledger import Commit, Delivery, Ledger

HERE = ("queue", 0)


class Histories(RuleBasedStateMachine):
    """One partition, its owners one after the other, and what the broker keeps of them."""

    metadata_bytes = completed.MOST_BYTES

    handed_out = Bundle("handed_out")

    def __init__(self) -> None:
        super().__init__()
        self.log: list[int] = []
        self.end = 0
        self.stored: Commit | None = None
        #: What was acknowledged under the assignment it was handed out under, ever and now.
        self.acknowledged: set[int] = set()
        self.acknowledged_now: set[int] = set()
        #: Handed out under the assignment of now and not acknowledged: epoch and offset.
        self.open: set[tuple[int, int]] = set()
        #: No longer in the log.
        self.purged: set[int] = set()
        #: The highest committed offset that was seen.
        self.highest = 0
        self.ledger = Ledger(self.metadata_bytes)

    @initialize()
    def begin(self) -> None:
        self.publish(9, 0)
        self.assign()

    def assign(self) -> None:
        """A new owner goes on from what the broker has."""
        stored = {HERE: self.stored} if self.stored else {}
        self.ledger.assign([HERE], stored)
        self.position = self.stored.offset if self.stored else 0
        self.durable = self.finished_durably()
        self.acknowledged_now.clear()
        self.open.clear()

    def finished_durably(self) -> set[int]:
        if self.stored is None:
            return set()
        beyond = completed.decode(self.stored.offset, self.stored.metadata)
        return {offset for offset in self.log if offset < self.stored.offset} | beyond

    @rule(count=st.integers(1, 9), gap=st.integers(0, 3))
    def publish(self, count: int, gap: int) -> None:
        """Messages, after offsets that hold none."""
        begin = self.end + gap
        self.end = begin + count
        self.log += range(begin, self.end)

    @rule(target=handed_out, count=st.integers(1, 5))
    def deliver(self, count: int) -> object:
        """The owner fetches; a message comes out unless it is known as finished."""
        fetched = [offset for offset in self.log if offset >= self.position][:count]
        out = [found for offset in fetched if (found := self.ledger.deliver(HERE, offset))]
        assert [found.offset for found in out] == [
            offset for offset in fetched if offset not in self.durable
        ]
        self.open |= {(found.epoch, found.offset) for found in out}
        self.position = max([self.position, *(offset + 1 for offset in fetched)])
        return multiple(*out)

    @rule(delivery=consumes(handed_out))
    def acknowledge(self, delivery: Delivery) -> None:
        """Also late ones, of earlier owners: those change nothing."""
        is_ours = (delivery.epoch, delivery.offset) in self.open
        assert self.ledger.finish(delivery) == is_ours
        if is_ours:
            self.open.remove((delivery.epoch, delivery.offset))
            self.acknowledged.add(delivery.offset)
            self.acknowledged_now.add(delivery.offset)

    @rule(delivery=consumes(handed_out))
    def reject_or_requeue(self, delivery: Delivery) -> None:
        """The copy is confirmed, then the original is done; its place in the log is a new one."""
        self.publish(1, 0)
        self.acknowledge(delivery)

    @rule()
    def requeue_without_confirmation(self) -> None:
        """The copy may be there or not, and the worker dies before it knows: nothing is done."""
        self.publish(1, 0)
        self.crash()

    @rule(delivery=handed_out)
    def acknowledge_twice(self, delivery: Delivery) -> None:
        """Only the first counts."""
        if self.ledger.finish(delivery):
            self.open.remove((delivery.epoch, delivery.offset))
            self.acknowledged.add(delivery.offset)
            self.acknowledged_now.add(delivery.offset)
        assert not self.ledger.finish(delivery)

    @rule()
    def commit(self) -> None:
        for commit in self.ledger.due().values():
            self.stored = commit
        self.ledger.committed({HERE: self.stored} if self.stored else {})
        assert self.ledger.due() == {}
        if self.metadata_bytes == completed.MOST_BYTES:
            assert self.finished_durably() >= (self.acknowledged_now | self.durable) - self.purged

    @rule()
    def commit_refused(self) -> None:
        """As in a rebalance: it stays due."""
        due = self.ledger.due()
        assert self.ledger.due() == due

    @rule()
    def commit_unheard(self) -> None:
        """The broker takes it, the answer does not come."""
        for commit in self.ledger.due().values():
            self.stored = commit

    @rule(count=st.integers(1, 5))
    def purge(self, count: int) -> None:
        """The oldest messages are deleted, finished or not; who is behind goes on after them."""
        gone, self.log = set(self.log[:count]), self.log[count:]
        self.purged |= gone

    @rule(which=st.integers(0, 9))
    def compact(self, which: int) -> None:
        """A message in the middle is no longer there."""
        if which < len(self.log):
            self.purged.add(self.log.pop(which))

    @rule()
    def crash(self) -> None:
        """All since the last commit is forgotten."""
        self.ledger = Ledger(self.metadata_bytes)
        self.assign()

    @rule()
    def lose(self) -> None:
        """The partition is taken away without a word."""
        self.ledger.revoke([HERE])
        self.assign()

    @rule()
    def rebalance(self) -> None:
        """The partition is given back properly."""
        self.commit()
        self.ledger.revoke([HERE])
        self.assign()

    @invariant()
    def nothing_unfinished_is_committed(self) -> None:
        assert self.finished_durably() - self.purged <= self.acknowledged

    @invariant()
    def the_committed_offset_never_goes_back(self) -> None:
        if self.stored is not None:
            assert self.stored.offset >= self.highest
            self.highest = self.stored.offset

    @invariant()
    def the_metadata_fits(self) -> None:
        assert self.stored is None or len(self.stored.metadata) <= self.metadata_bytes

    def teardown(self) -> None:
        """Whatever happened: a last owner gets all that is not finished durably, and no more."""
        self.crash()
        out = [
            found.offset
            for offset in self.log
            if offset >= self.position and (found := self.ledger.deliver(HERE, offset))
        ]
        assert set(out) == set(self.log) - self.finished_durably()


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.data())
def test_whatever_is_in_a_log_that_was_cut_runs(lengths: list[int], data: st.DataObject) -> None:
    """It is cut at any place, and other messages follow there; each that remains is handed out.

    Nothing that is not acknowledged since the cut is below what would be committed.
    """
    ledger = Ledger()
    ledger.assign([HERE], {HERE: Commit(0)})
    for length in lengths:
        begin = data.draw(st.integers(0, length - 1))
        taken = []
        for offset in range(begin, length):
            if ledger.falls(HERE, offset):
                ledger.begin_anew(HERE)
            taken.append(ledger.deliver(HERE, offset))
        out = [each for each in taken if each is not None]
        assert [each.offset for each in out] == list(range(begin, length))
        done = {each for each in out if data.draw(st.booleans())}
        assert all(ledger.finish(each) for each in done)
        left = [each.offset for each in out if each not in done]
        assert all(it.offset <= min(left, default=length) for it in ledger.due().values())


class ScantHistories(Histories):
    """The metadata holds a few offsets or none."""

    metadata_bytes = 32


Histories.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
ScantHistories.TestCase.settings = Histories.TestCase.settings
TestHistories = Histories.TestCase
TestScantHistories = ScantHistories.TestCase
