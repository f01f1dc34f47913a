"""Claims against the record."""

from __future__ import annotations

import pytest

from worker import claims
from worker.claims import Claim, Group
from worker.gateway.recording import Fact

PET = Claim(7, "GET", "/pets/[^/]*", "/pets/{id}", {200})
LIST = Claim(5, "GET", "/pets", "/pets", range(100, 600))


def unmet(*facts: Fact, wanted: tuple[Claim, ...] = (LIST, PET), prefix: str = "") -> str:
    return claims.unmet([Group(wanted)], facts, [], prefix)


def test_what_was_asked_and_answered_in_order_bears_out() -> None:
    other = Fact("POST", "/toys", 500)
    assert unmet(Fact("GET", "/pets", 404), other, Fact("GET", "/pets/7", 200), other) == ""


@pytest.mark.parametrize(
    ("facts", "objection"),
    [
        ((), "line 5 sends GET /pets, but no such request went out and was answered"),
        ((Fact("GET", "/pets", None),), "line 5 sends GET /pets, but no such request"),
        ((Fact("POST", "/pets", 200),), "line 5 sends GET /pets, but no such request"),
        ((Fact("GET", "/pets", 200),), "line 7 sends GET /pets/{id}, but no such"),
        ((Fact("GET", "/pets/7", 200), Fact("GET", "/pets", 200)), "line 7 sends GET"),
        ((Fact("GET", "/pets", 200), Fact("GET", "/pets/7/toys", 200)), "line 7 sends GET"),
        (
            (Fact("GET", "/pets", 200), Fact("GET", "/pets/7", 500), Fact("GET", "/pets/8", 404)),
            "the status that it expects of GET /pets/{id} in line 7 did not come, but 404, 500",
        ),
    ],
)
def test_what_was_not_is_objected_to(facts: tuple[Fact, ...], objection: str) -> None:
    assert unmet(*facts).startswith(objection)


def test_a_request_is_needed_for_each_claim() -> None:
    assert unmet(Fact("GET", "/pets", 200), wanted=(LIST, LIST)) != ""
    assert unmet(*[Fact("GET", "/pets", 200)] * 2, wanted=(LIST, LIST)) == ""


def test_a_shared_fixture_may_have_asked_in_an_earlier_check() -> None:
    earlier = [Fact("GET", "/pets", 200)]
    assert claims.unmet([Group((LIST,), is_shared=True)], [], earlier, "") == ""
    assert claims.unmet([Group((LIST,))], [], earlier, "") != ""


def test_a_claim_without_method_or_path_is_met_by_any_request() -> None:
    anything = Claim(1, "", claims.ANY_PATH, "self.place", {200})
    assert unmet(Fact("BREW", "/pot", 200), wanted=(anything,)) == ""
    assert "line 1 sends a request to self.place" in unmet(wanted=(anything,))


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        ("http://a.test", "/pets"),
        ("http://a.test/", "/pets"),
        ("http://a.test/v1.0/", "/v1.0/pets"),
        ("http://a.test/vé", "/v%C3%A9/pets"),
    ],
)
def test_paths_are_those_below_the_base_url(base_url: str, path: str) -> None:
    prefix = claims.prefix_of(base_url)
    assert unmet(Fact("GET", path, 200), wanted=(LIST,), prefix=prefix) == ""
    if "v1" in base_url:
        assert unmet(Fact("GET", "/v1x0/pets", 200), wanted=(LIST,), prefix=prefix) != ""


def test_the_empty_path_is_the_root() -> None:
    root = Claim(1, "GET", claims.path_of(""), "", range(100, 600))
    assert unmet(Fact("GET", "/", 200), wanted=(root,)) == ""
