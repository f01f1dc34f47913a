import pytest

from bridge.transport import logs

NAMED = ("celeryev",)


@pytest.mark.parametrize(
    ("exchange", "kind", "durable", "expected"),
    [
        ("news", "fanout", True, True),
        ("celery.pidbox", "fanout", False, True),
        ("celeryev", "topic", True, True),
        ("reply.celery.pidbox", "direct", False, True),
        # Work, which must not be broadcast.
        ("reply.celery.pidbox", "direct", True, False),
        ("reply.mine", "direct", False, False),
        ("mine.pidbox", "direct", False, False),
        ("mine", "direct", False, False),
        ("mine", "topic", True, False),
    ],
)
def test_which_exchanges_are_logs(
    exchange: str, kind: str, *, durable: bool, expected: bool
) -> None:
    assert logs.is_log(exchange, kind, durable=durable, named=NAMED) is expected


@pytest.mark.parametrize(
    ("kind", "bound", "key", "expected"),
    [
        ("fanout", "a", "b", True),
        ("direct", "a.b", "a.b", True),
        ("direct", "a.b", "axb", False),
        ("direct", "a", "a\n", False),
        ("topic", "#", "task.multi", True),
        ("topic", "worker.#", "worker.heartbeat", True),
        ("topic", "worker.#", "task.sent", False),
        ("topic", "*.sent", "task.sent", True),
        ("topic", "*.sent", "a.task.sent", False),
    ],
)
def test_a_queue_gets_what_its_routing_key_fits(
    kind: str, bound: str, key: str, *, expected: bool
) -> None:
    assert logs.binding(kind, bound).wants(key) is expected


def test_the_log_of_replies_is_made_with_that_of_commands() -> None:
    assert logs.made_with("celery.pidbox") == {"celery.pidbox", "reply.celery.pidbox"}
    assert logs.made_with("reply.celery.pidbox") == {"reply.celery.pidbox"}
    assert logs.made_with("news") == {"news"}


def test_segments_are_no_longer_than_what_is_kept() -> None:
    config = logs.topic_config(30)
    assert config["retention.ms"] == config["segment.ms"] == "30000"
    assert logs.topic_config(300)["segment.ms"] == "60000"
