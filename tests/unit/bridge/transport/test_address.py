import pytest

from bridge.transport.address import Address, masked, parse
from bridge.transport.errors import OptionError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("kafka://one", Address("one:9092")),
        ("kafka://one:1,two:2,[::1]:3/", Address("one:1,two:2,[::1]:3")),
        ("kafka://me@one", Address("one:9092", "me")),
        ("kafka://me:p%40ss@one,two", Address("one:9092,two:9092", "me", "p@ss")),
        ("localhost:9093", Address("localhost:9093")),
    ],
)
def test_a_url_names_brokers_and_user(url: str, expected: Address) -> None:
    assert parse(url) == expected


@pytest.mark.parametrize("url", ["kafka://", "kafka://me:secret@one:x", "kafka://one,,two"])
def test_a_wrong_url_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(OptionError, match=r"is wrong at") as caught:
        parse(url)
    assert "secret" not in str(caught.value)


def test_the_password_is_masked() -> None:
    assert masked("kafka://me:secret@one,two") == "kafka://me:**@one,two"
    assert masked("kafka://one,two") == "kafka://one,two"
    assert "secret" not in repr(parse("kafka://me:secret@one"))
