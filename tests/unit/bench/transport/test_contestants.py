from bench.transport import contestants
from bench.transport.contestants import Name


def test_a_line_comes_back_from_its_json_with_queues_of_its_own() -> None:
    mine = contestants.line(contestants.ours(Name.KAFKA, "one:1", "create"), 3)
    assert contestants.read(mine.to_json()) == mine
    assert len(mine.queues) == 3
    assert contestants.line(mine.contestant).queues[0] not in mine.queues


def test_a_confirmed_contestant_differs_in_that_only() -> None:
    plain, confirmed = contestants.rabbitmq("one:1"), contestants.confirmed("one:1")
    assert (plain.url, plain.options) == (confirmed.url, {})
    assert confirmed.options == {"confirm_publish": True}
