"""Higher priorities go first, lower ones are not forgotten."""

from __future__ import annotations

import threading

from tests.behaviour.transport.stage import Stage


def flood(stage: Stage, text: str, count: int, **options: int) -> None:
    """Publish many tasks at once."""
    with stage.app.producer_pool.acquire(block=True) as producer, producer.batch():
        for number in range(count):
            stage.note(f"{text}-{number}", producer=producer, **options)


def test_a_high_one_overtakes_a_thousand_low_ones_and_low_ones_have_their_turns(
    stage: Stage,
) -> None:
    """The worker is busy while they come: what it then takes shows their order."""
    stage.configure(priorities=3)
    stage.worker("threads", 1)
    for level in range(3):
        stage.note(f"level-{level}", priority=level)
    stage.until_noted("level-0", "level-1", "level-2")
    until = stage.wait("first", priority=2)
    stage.until_noted("first began")
    flood(stage, "low", 1000)
    flood(stage, "high", 20, priority=9)
    stage.note("middle", priority=1)
    # Until all are fetched, of which nothing tells.
    threading.Event().wait(1)
    until.touch()
    stage.until(lambda: len(stage.noted()) == 1026)

    order = [line.split("-")[0] for line in stage.noted()[5:]]
    assert order.index("high") < 5, order[:50]
    assert order.index("middle") < 40, order[:50]
    assert order[:40].count("low") < 30, order[:50]
    assert "low" in order[: order.index("high") + 20], order[:50]
