"""Workers that die of their messages, simulated: killers end, innocents run and are not condemned.

Everything between the log and the task is real (ledger, backlog, watch, the commits' metadata); the
broker keeps what was committed, and a worker's death takes all the rest along at any moment.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from confluent_kafka import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.transport.backlog import Backlog
from bridge.transport.ledger import Commit, Delivery, Ledger, Place
from bridge.transport.watch import Watch

PLACES: tuple[Place, ...] = (("a", 0), ("a", 1), ("b", 0))
TOPICS = ("a", "b")

#: A message: its partition and its offset.
Name = tuple[Place, int]


class DeathError(Exception):
    """The worker is dead."""


@dataclass
class Cluster:
    """What outlives a worker."""

    lengths: dict[Place, int]
    killers: set[Name]
    max_deliveries: int
    commits: dict[Place, Commit] = field(default_factory=dict)
    done: set[Name] = field(default_factory=set)
    condemned: list[Name] = field(default_factory=list)
    deaths: int = 0
    #: How often somebody outside killed a worker while it had only this message in view.
    coincidences: Counter[Name] = field(default_factory=Counter)

    @property
    def is_through(self) -> bool:
        everything = {(place, at) for place in PLACES for at in range(self.lengths[place])}
        return everything <= self.done | set(self.condemned)


class Worker:
    """One life of a worker; every step may be its last."""

    def __init__(self, cluster: Cluster, dice: random.Random, prefetch: int) -> None:
        self.cluster = cluster
        self.dice = dice
        self.prefetch = prefetch
        self.ledger = Ledger()
        self.backlog = Backlog(1000)
        self.watch = Watch(self.ledger, self.backlog, cluster.max_deliveries, self.put_aside)
        self.running: list[Delivery] = []
        self.next = dict.fromkeys(PLACES, 0)
        self.ledger.assign(PLACES, cluster.commits, with_marks=True)
        for place in PLACES:
            self.watch.begin(place)
            if place in cluster.commits:
                self.next[place] = cluster.commits[place].offset

    def put_aside(self, _record: Message, delivery: Delivery, _reason: str) -> None:
        self.cluster.condemned.append((delivery.place, delivery.offset))
        self.ledger.finish(delivery)

    def live(self, steps: int) -> None:
        """Do anything that a worker does, in any order; raises DeathError."""
        acts = [self.fetch, self.turn, self.commit, self.take, self.take, self.finish]
        for step in range(steps):
            self.dice.choice(acts)()
            if step % 50 == 0 and self.cluster.is_through:
                return

    def fetch(self) -> None:
        place = self.dice.choice(PLACES)
        for _ in range(self.dice.randint(1, 5)):
            if self.next[place] < self.cluster.lengths[place]:
                delivery = self.ledger.deliver(place, self.next[place])
                self.next[place] += 1
                record = Message(topic=place[0], partition=place[1])
                if delivery is not None and not self.watch.put(delivery, record):
                    self.backlog.put(delivery, record)

    def turn(self) -> None:
        self.watch.turn(TOPICS)

    def commit(self) -> None:
        due = self.ledger.due()
        if self.dice.random() < 0.1:
            return
        self.cluster.commits.update(due)
        self.ledger.committed(due)

    def take(self) -> None:
        if len(self.running) < self.prefetch:
            taken = self.backlog.take(TOPICS)
            if taken is not None:
                self.running.append(taken[0])

    def finish(self) -> None:
        """Let a task end; one that kills takes the worker along."""
        if self.running:
            delivery = self.running.pop(self.dice.randrange(len(self.running)))
            name = (delivery.place, delivery.offset)
            if name in self.cluster.killers:
                raise DeathError
            self.cluster.done.add(name)
            self.ledger.finish(delivery)

    def die_by_chance(self) -> None:
        """Somebody outside ends the worker."""
        if self.watch._suspect is not None:
            delivery, _ = self.watch._suspect.fetched
            self.cluster.coincidences[delivery.place, delivery.offset] += 1

    def leave(self) -> None:
        """End in order: what runs is left to the next one, what is finished is committed."""
        self.ledger.leave()
        self.cluster.commits.update(self.ledger.due())


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    lengths = {place: draw(st.integers(0, 40)) for place in PLACES}
    everything = [(place, at) for place in PLACES for at in range(lengths[place])]
    killers = draw(st.sets(st.sampled_from(everything), max_size=4)) if everything else set()
    return Cluster(lengths, killers, max_deliveries=draw(st.integers(1, 6)))


def lived_through(cluster: Cluster, dice: random.Random, prefetch: int, chance: float) -> None:
    """Let workers follow each other until all is done or condemned; some end otherwise."""
    for _ in range(400):
        worker = Worker(cluster, dice, prefetch)
        fate = dice.random()
        try:
            worker.live(dice.randint(0, 300) if fate < chance else 3000)
        except DeathError:
            cluster.deaths += 1
            continue
        if cluster.is_through:
            return
        if fate < chance / 2:
            worker.die_by_chance()
        else:
            worker.leave()
    raise AssertionError("it never ends")


#: A seed: Hypothesis need not choose each of thousands of steps.
DICE = st.integers(0, 2**32).map(random.Random)


@settings(max_examples=60)
@given(clusters(), DICE, st.integers(1, 12))
def test_all_that_kill_and_only_they_are_condemned(
    cluster: Cluster, dice: random.Random, prefetch: int
) -> None:
    lived_through(cluster, dice, prefetch, chance=0)
    assert set(cluster.condemned) == cluster.killers
    assert cluster.deaths <= len(cluster.killers) * (max(cluster.max_deliveries, 3) + 12)


@settings(max_examples=60)
@given(clusters(), DICE, st.integers(1, 12))
def test_an_innocent_is_condemned_only_if_others_killed_its_worker_again_and_again(
    cluster: Cluster, dice: random.Random, prefetch: int
) -> None:
    """Workers are killed from outside, or leave, in the middle of anything."""
    lived_through(cluster, dice, prefetch, chance=0.6)
    assert cluster.killers <= set(cluster.condemned)
    for name in set(cluster.condemned) - cluster.killers:
        assert cluster.coincidences[name] >= max(cluster.max_deliveries - 2, 1)
