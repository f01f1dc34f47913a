import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.transport.errors import OptionError
from bridge.transport.naming import dead_letter_of, queue_of, topic_of

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(NAMES)
def test_every_queue_has_a_legal_topic_that_leads_back_to_it(queue: str) -> None:
    topic = topic_of(queue, "p-")
    assert re.fullmatch(r"[a-zA-Z0-9._-]{1,249}", dead_letter_of(topic))
    assert queue_of(topic, "p-") == queue


@pytest.mark.parametrize("queue", ["test_run_queue", "a.b-c_D9", "a.xyz"])
def test_a_legal_name_stays_as_it_is(queue: str) -> None:
    assert topic_of(queue) == queue


def test_what_looks_like_an_escape_is_escaped() -> None:
    assert topic_of("a@b") == "a.x40b"
    assert topic_of("a.x40b") == "a.x2ex40b"


@pytest.mark.parametrize("queue", ["", ".", "..", "x" * 246])
def test_a_name_that_kafka_cannot_have_is_refused(queue: str) -> None:
    with pytest.raises(OptionError, match="gives no topic name"):
        topic_of(queue)
