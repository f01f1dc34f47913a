from bridge.transport.copies import Copies
from bridge.transport.publisher import Done
from bridge.transport.wire import Outgoing

MESSAGE = Outgoing(None, b"body", ())


class Post:
    """Sends as told: each outcome in turn, then nothing more."""

    def __init__(self, *outcomes: str | None) -> None:
        self.outcomes = list(outcomes)
        self.sent: list[str] = []

    def send(self, topic: str, _message: Outgoing, done: Done) -> None:
        self.sent.append(topic)
        if self.outcomes:
            done(self.outcomes.pop(0))


def test_the_original_is_finished_after_the_copy_is_confirmed() -> None:
    post, finished = Post("away", "away", None), list[str]()
    copies = Copies(post.send, retry_seconds=0)
    copies.put("there", MESSAGE, lambda: finished.append("done"))

    assert copies.close(10)
    assert finished == ["done"]
    assert post.sent == ["there"] * 3


def test_an_unconfirmed_copy_leaves_the_original_unfinished() -> None:
    post, finished = Post(), list[str]()
    copies = Copies(post.send)
    copies.put("there", MESSAGE, lambda: finished.append("done"))

    assert not copies.close(0)
    assert not finished


def test_nothing_is_tried_again_after_the_end() -> None:
    post, finished = Post("away"), list[str]()
    copies = Copies(post.send)
    copies.close(0)
    copies.put("there", MESSAGE, lambda: finished.append("done"))

    assert copies.close(0)
    assert post.sent == ["there"]
    assert not finished
