"""The addresses of a run's target and the pace of its requests."""

from __future__ import annotations

import asyncio
import socket

import pytest

from app.domain.network import NetworkPolicy
from worker.gateway.passage import Passage
from worker.gateway.rules import Origin, RefusedError


class Names:
    """A name server that gives each answer once, then the last one for good."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self, *_: object, **__: object) -> list[tuple[object, ...]]:
        self.asked += 1
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 80)) for one in found]


def passage(policy: NetworkPolicy | None = None, host: str = "api.test") -> Passage:
    return Passage(Origin("http", host, 80), policy or NetworkPolicy(), 0, lambda: 0.0)


def test_a_name_that_is_bound_anew_leads_nobody_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names(["8.8.8.8", "8.8.4.4", "8.8.8.8"], ["127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", names)
    way = passage()

    async def scene() -> list[tuple[str, ...]]:
        return [await way.addresses() for _ in range(3)]

    assert asyncio.run(scene()) == [("8.8.8.8", "8.8.4.4")] * 3
    assert names.asked == 1


def test_who_asks_at_once_gets_the_same_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names(["8.8.8.8"], ["8.8.4.4"]))
    way = passage()

    async def scene() -> tuple[tuple[str, ...], tuple[str, ...]]:
        return await asyncio.gather(way.addresses(), way.addresses())

    first, second = asyncio.run(scene())
    assert first == second


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (["8.8.8.8", "127.0.0.1"], "127.0.0.1 of api.test must not be asked: it is not on the"),
        (["10.1.2.3"], "not on the public Internet"),
        (["169.254.169.254"], "cloud metadata service"),
        (["169.254.1.1"], "not on the public Internet"),
    ],
)
def test_one_address_that_is_not_allowed_refuses_the_name(
    monkeypatch: pytest.MonkeyPatch, found: list[str], reason: str
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names(found))
    with pytest.raises(RefusedError, match=reason):
        asyncio.run(passage().addresses())


def test_a_named_host_may_be_private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names(["10.1.2.3"]))
    assert asyncio.run(passage(NetworkPolicy(("api.test:80",))).addresses()) == ("10.1.2.3",)


def test_what_is_no_name_has_no_address() -> None:
    with pytest.raises(OSError, match="is no name of a host"):
        asyncio.run(passage(host="a" * 300).addresses())


def test_requests_keep_the_pace_after_a_burst() -> None:
    now = 100.0
    way = Passage(Origin("http", "a.test", 80), NetworkPolicy(), 4, lambda: now)
    assert [way.hold() for _ in range(7)] == [0, 0, 0, 0, 0, 0.25, 0.5]
    now = 100.5
    assert way.hold() == 0.25
    now = 200.0
    assert [way.hold() for _ in range(6)] == [0, 0, 0, 0, 0, 0.25]


def test_any_number_of_requests_may_be_sent_where_no_pace_is_set() -> None:
    way = passage()
    assert {way.hold() for _ in range(1000)} == {0.0}
