from __future__ import annotations

import pytest

from testops import identities

ALICE, BOB = {"Authorization": "Bearer a"}, {"authorization": "Bearer b", "X-Group": "2"}
KNOWN = {"alice": ALICE, "bob": BOB}
COMMON = {"X-Tenant": "7", "x-group": "1"}


def test_the_first_is_the_main_one_and_the_second_the_other() -> None:
    assert (identities.main(KNOWN), identities.other(KNOWN)) == ("alice", "bob")
    assert (identities.main({}), identities.other({"alice": ALICE})) == ("", "")


def test_an_identitys_own_headers_win_over_those_of_all() -> None:
    assert identities.carried(COMMON, KNOWN, "alice") == {**COMMON, **ALICE}
    assert identities.carried(COMMON, KNOWN, "bob") == {"X-Tenant": "7", **BOB}
    assert identities.carried(COMMON, {}, "") == COMMON


def test_who_is_not_known_has_no_headers() -> None:
    with pytest.raises(KeyError):
        identities.carried(COMMON, KNOWN, "carol")


@pytest.mark.parametrize(
    ("own", "carried", "sent"),
    [
        ("theme=dark", "session=abc; theme=light", "theme=dark; session=abc"),
        ("theme=dark", "", "theme=dark"),
        ("session=x;a=b", "session=abc", "session=x;a=b"),
        ("a=b", " session = abc ;", "a=b; session = abc"),
    ],
)
def test_a_cookie_of_its_own_wins(own: str, carried: str, sent: str) -> None:
    assert identities.cookies(own, carried) == sent


def test_nothing_that_may_prove_who_asks_goes_with_an_anonymous_request() -> None:
    """Without identities any header may be what proves it."""
    assert identities.anonymous(COMMON, KNOWN) == {"X-Tenant": "7"}
    assert identities.anonymous(COMMON, {}) == {}


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("/a", "/a?api%20key=a%26b%3D"),
        ("/a?", "/a?api%20key=a%26b%3D"),
        ("https://x.test/a?b=1&c", "https://x.test/a?b=1&c&api%20key=a%26b%3D"),
        ("/a?api+key=own&b=1", "/a?api+key=own&b=1"),
        ("/a?api%20key=", "/a?api%20key="),
        ("/a?api%20key=%3F%3F%3F&b=1", "/a?b=1&api%20key=a%26b%3D"),
    ],
)
def test_a_key_in_the_query_is_added_unless_there_is_one_that_means_something(
    url: str, sent: str
) -> None:
    carried = {"?api key": "a&b=", "X-Key": "1"}

    assert identities.asked(url, carried, stale="???") == sent
    assert identities.asked(url, {"X-Key": "1"}) == url
    assert identities.headers_of(carried) == {"X-Key": "1"}
