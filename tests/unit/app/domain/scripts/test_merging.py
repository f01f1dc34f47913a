import pytest

from app.domain.scripts import parts
from app.domain.scripts.deciding import Fate, Side
from app.domain.scripts.merging import WHOLE, Change, Conflict, Merge, Offer, merge
from app.domain.scripts.parts import Kind
from app.errors import InvalidInputError

BASE = '''"""GET /pets."""

import pytest

from testops import Api, created, expect

OPERATION = "GET /pets"
BODY = {"name": "Kit"}


@pytest.fixture
def pet_id(api: Api) -> int:
    """A pet."""
    return created(api, "/pets", json=BODY)


def test_all(api: Api) -> None:
    """All pets.

    Source: #/paths/0
    """
    expect.documented(api.get("/pets"))


def test_one(api: Api, pet_id: int) -> None:
    """One pet."""
    expect.success(api.get(f"/pets/{pet_id}"))
'''


def fates(merged: Merge) -> dict[str, Fate]:
    return {change.key: change.fate for change in merged.changes if change.fate is not Fate.SAME}


def without(source: str, *keys: str) -> str:
    found = parts.split(source).parts
    return "".join(part.gap + part.text + part.end for part in found if part.key not in keys)


def test_an_untouched_check_follows_the_generation_while_an_edited_one_stays() -> None:
    edited = BASE.replace("expect.documented(", "expect.success(")
    generated = BASE.replace("/pets/{pet_id}", "/pets/{pet_id}?all=yes")
    merged = merge(BASE, edited, generated)
    assert merged.text == generated.replace("expect.documented(", "expect.success(")
    assert merged.base == generated
    assert not merged.conflicts
    assert fates(merged) == {"test_all": Fate.EDITED, "test_one": Fate.UPDATED}


def test_a_check_that_both_changed_is_a_conflict_and_the_edited_text_stands() -> None:
    edited = BASE.replace("expect.documented(", "expect.success(")
    generated = BASE.replace('api.get("/pets")', 'api.get("/animals")')
    merged = merge(BASE, edited, generated)
    assert (merged.text, merged.base) == (edited, BASE)
    sides = [
        {part.key: part.text for part in parts.split(t).parts} for t in (BASE, edited, generated)
    ]
    assert merged.conflicts == (
        Conflict("test_all", Kind.CHECK, *(side["test_all"] for side in sides)),
    )


@pytest.mark.parametrize("side", Side)
def test_a_conflict_is_settled_by_choosing_a_side(side: Side) -> None:
    edited = BASE.replace("expect.documented(", "expect.success(")
    generated = BASE.replace('api.get("/pets")', 'api.get("/animals")')
    merged = merge(BASE, edited, generated, {"test_all": side})
    assert merged.text == (edited if side is Side.EDITED else generated)
    assert (merged.base, merged.conflicts) == (generated, ())
    assert fates(merged) == {"test_all": Fate.SETTLED}


def test_what_a_check_says_is_merged_apart_from_what_it_does() -> None:
    edited = BASE.replace("expect.documented(", "expect.success(")
    generated = BASE.replace("#/paths/0", "#/paths/1")
    for ours, theirs in ((edited, generated), (generated, edited)):
        merged = merge(BASE, ours, theirs)
        assert merged.text == edited.replace("#/paths/0", "#/paths/1")
        assert fates(merged) == {"test_all": Fate.JOINED}


@pytest.mark.parametrize(
    ("before", "ours", "theirs"),
    [
        # Nothing is said apart from what is done.
        ("def test_x(): pass", "def test_x(): 1", "def test_x(): 2"),
        ("def test_x(): 'a'; 0", "def test_x(): 'b'; 0", "def test_x(): 'a'; 1"),
        ("def test_x():\n    'a'; 0", "def test_x():\n    'b'; 0", "def test_x():\n    'a'; 1"),
        ("def test_x():\n    1", "def test_x():\n    2", "def test_x():\n    3"),
        # Both say something else.
        ("def test_x():\n    'a'", "def test_x():\n    'b'", "def test_x():\n    'c'"),
        # One of them is no function.
        ("def x():\n    'a'", "x = 1", "def x():\n    'b'"),
    ],
)
def test_what_cannot_be_told_apart_is_a_conflict(before: str, ours: str, theirs: str) -> None:
    merged = merge(before, ours, theirs)
    assert (merged.text, len(merged.conflicts)) == (ours, 1)


def test_checks_that_came_are_added_and_those_that_went_are_removed() -> None:
    edited = BASE + "\n\n# Mine.\ndef test_mine() -> None:\n    assert OPERATION\n"
    generated = without(BASE, "test_all") + "\n\ndef test_new(pet_id: int) -> None:\n    pass\n"
    merged = merge(BASE, edited, generated)
    assert [part.key for part in parts.split(merged.text).parts][-3:] == [
        *("test_one", "test_mine", "test_new"),
    ]
    assert fates(merged) == {
        "test_all": Fate.REMOVED,
        "test_new": Fate.ADDED,
        "test_mine": Fate.OWN,
    }


def test_a_check_that_was_edited_and_is_generated_no_more_is_a_conflict() -> None:
    edited = BASE.replace("expect.documented(", "expect.success(")
    generated = without(BASE, "test_all")
    [conflict] = merge(BASE, edited, generated).conflicts
    assert (conflict.key, conflict.generated) == ("test_all", None)
    settled = merge(BASE, edited, generated, {"test_all": Side.GENERATED})
    assert "test_all" not in settled.text


def test_a_check_that_was_removed_stays_so_until_it_is_generated_anew() -> None:
    edited = without(BASE, "test_all")
    assert fates(merge(BASE, edited, BASE.replace("One pet", "A pet")))["test_all"] is Fate.DROPPED
    [conflict] = merge(BASE, edited, BASE.replace('"/pets")', '"/animals")')).conflicts
    assert (conflict.key, conflict.edited) == ("test_all", None)


def test_a_fixture_that_is_generated_no_more_stays_while_an_edited_check_uses_it() -> None:
    edited = BASE.replace("expect.success(", "expect.documented(")
    generated = without(BASE, "pet_id", "BODY", "test_one").replace("created, ", "")
    edited += "\n\ndef test_mine(pet_id: int) -> None:\n    assert pet_id\n"
    merged = merge(BASE, edited, generated, {"test_one": Side.GENERATED})
    assert "from testops import Api, created, expect\n" in merged.text
    assert fates(merged) | {"from testops": Fate.EDITED} == {
        "from testops": Fate.EDITED,
        "BODY": Fate.NEEDED,
        "pet_id": Fate.NEEDED,
        "test_one": Fate.SETTLED,
        "test_mine": Fate.OWN,
    }
    later = merge(merged.base, without(merged.text, "test_mine"), generated.replace("All", "The"))
    assert "pet_id" not in later.text


def test_a_fixture_that_somebody_removed_comes_back_with_a_check_that_uses_it() -> None:
    edited = without(BASE, "pet_id", "test_one")
    generated = BASE + "\n\ndef test_new(pet_id: int) -> None:\n    pass\n"
    merged = merge(BASE, edited, generated)
    assert fates(merged) == {
        "pet_id": Fate.NEEDED,
        "test_one": Fate.DROPPED,
        "test_new": Fate.ADDED,
    }
    assert merged.text.index("BODY =") < merged.text.index("def pet_id") < len(merged.text)


def test_the_order_that_somebody_gave_the_checks_stays() -> None:
    head, fixture, first, second = BASE.split("\n\n\n")
    edited = "\n\n\n".join([head, fixture, second.rstrip("\n"), first]) + "\n"
    generated = BASE + "\n\ndef test_new() -> None:\n    pass\n"
    merged = merge(BASE, edited, generated)
    keys = [part.key for part in parts.split(merged.text).parts]
    assert keys[-4:] == ["pet_id", "test_one", "test_new", "test_all"]


def test_imports_are_merged_name_by_name() -> None:
    edited = BASE.replace("created, expect", "created, expect, state") + "\n\nstate()\n"
    generated = BASE.replace("Api, created, expect", "Api, Json, created, expect")
    merged = merge(BASE, edited, generated)
    assert "from testops import Api, Json, created, expect, state\n" in merged.text
    assert not merged.conflicts


def test_many_imported_names_stand_on_lines_of_their_own() -> None:
    ours, theirs = ([f"{letter * 30}_{i}" for i in range(2)] for letter in "ab")
    base = "from testops import Api\n"
    merged = merge(
        base,
        f"from testops import Api, {', '.join(ours)}\n",
        f"from testops import Api, {', '.join(theirs)}\n",
    )
    listed = "".join(f"    {name},\n" for name in ["Api", *ours, *theirs])
    assert merged.text == f"from testops import (\n{listed})\n"


def test_an_import_with_a_remark_keeps_it() -> None:
    base = "from a import x, y\n"
    edited = "from a import x, y  # mine\nfrom a import z\n"
    merged = merge(base, edited, "from a import v, x as w\nw, v\n")
    assert merged.text.startswith(
        "from a import x, y  # mine\nfrom a import v, x as w\nfrom a import z\n"
    )
    assert merge(base, "from a import x  # mine\n", "from a import x\n\n# x\n").text.startswith(
        "from a import x  # mine\n"
    )


def test_an_import_that_both_dropped_or_nobody_uses_is_gone() -> None:
    base = "from a import x\nfrom b import y\n\nk = 1\n"
    merged = merge(base, "from b import y\n\nk = 2\n", "from a import x, q\n\nk = 1\n")
    assert merged.text == "from a import q\n\nk = 2\n"


def test_an_import_of_which_a_side_drops_a_name_keeps_what_is_used() -> None:
    base = "from a import x, y\n\n\ndef test_x(): x\n"
    edited = base + "\n\ndef test_mine(): y\n"
    merged = merge(base, edited, base.replace("x, y", "x") + "\n\ndef test_y(): pass\n")
    assert merged.text.startswith("from a import x, y\n")


def test_comments_and_statements_stand_where_they_were_put() -> None:
    edited = BASE.replace("\nOPERATION", "\n# What is tested.\n\nOPERATION").replace(
        "\n\n\ndef test_one", "\n\n\nassert BODY\n\n\ndef test_one"
    )
    generated = without(BASE.replace("Kit", "Kim"), "OPERATION")
    merged = merge(BASE, edited, generated)
    assert "# What is tested.\n\nBODY = {" in merged.text
    assert "\n\n\nassert BODY\n\n\ndef test_one" in merged.text
    assert not merged.conflicts


def test_a_statement_that_both_changed_is_a_conflict() -> None:
    merged = merge("assert 1\nassert 2\n", "assert 3\nassert 2\n", "assert 4\nassert 2\n")
    assert [conflict.edited for conflict in merged.conflicts] == ["assert 3"]
    assert merged.text == "assert 3\nassert 2\n"


def test_blank_lines_at_the_end_are_those_of_who_changed_them() -> None:
    assert merge("x = 1\n", "x = 1\n\n\n", "x = 2\n").text == "x = 2\n\n\n"
    assert merge("x = 1\n", "x = 1\ny = 1\n", "x = 1\n\n\n").text == "x = 1\ny = 1\n\n\n"
    assert merge("x = 1", "x = 1\n\n\ny = 1", "x = 1\nz = 1").text == "x = 1\n\n\ny = 1\nz = 1"


def test_windows_line_breaks_are_no_edits_and_stay() -> None:
    edited = BASE.replace("expect.documented(", "expect.success(").replace("\n", "\r\n")
    merged = merge(BASE, edited, BASE.replace("One pet", "A pet"))
    assert merged.text == edited.replace("One pet", "A pet")


@pytest.mark.parametrize("edited", ["def broken(:\n", "x = '\ud800'", "return 1\n"])
def test_an_edited_text_that_is_no_python_is_one_conflict(edited: str) -> None:
    generated = BASE.replace("One pet", "A pet")
    merged = merge(BASE, edited, generated)
    assert (merged.text, merged.base) == (edited, BASE)
    assert merged.conflicts == (Conflict(WHOLE, Kind.MODULE, BASE, edited, generated),)
    assert merge(BASE, edited, generated, {WHOLE: Side.EDITED}) == Merge(
        edited, generated, changes=(Change(WHOLE, Kind.MODULE, Fate.SETTLED),)
    )
    assert merge(BASE, edited, generated, {WHOLE: Side.GENERATED}).text == generated


def test_what_does_not_compile_when_it_is_put_together_is_one_conflict() -> None:
    edited = "x = 1 \\\n\ny = 1\n"
    merged = merge("y = 1\n", edited, "z = 1\ny = 1\n")
    assert [conflict.key for conflict in merged.conflicts] == [WHOLE]
    assert merged.text == edited


def test_a_module_that_nobody_edited_is_taken_over_even_if_it_is_broken() -> None:
    assert merge(BASE, BASE, "def (").text == "def ("
    assert merge("def (", BASE, "def (").text == BASE


def test_a_comment_does_not_become_that_of_another_statement() -> None:
    base = "# About x.\n\nx = 1\ny = 1\n"
    merged = merge(base, base + "z = 1\n", "# About x.\n\ny = 1\n")
    assert merged.text == "# About x.\n\ny = 1\nz = 1\n"


def test_a_remark_on_an_import_that_nobody_wants_any_more_stays() -> None:
    base = "from a import x\n\nk = 1\n"
    edited = "# Mine.\nfrom a import x\n\nk = 1\n"
    assert merge(base, edited, "k = 2\n").text == "# Mine.\nfrom a import x\nk = 2\n"


def test_what_nobody_edited_is_offered_with_what_it_changes() -> None:
    offers = merge("x = 1\ny = 1\n", "x = 1\ny = 1\n", "x = 2\nz = 1\n").offers
    assert offers == (
        Offer("x", Kind.VALUE, Fate.UPDATED, "x = 1", "x = 2"),
        Offer("z", Kind.VALUE, Fate.ADDED, None, "z = 1"),
        Offer("y", Kind.VALUE, Fate.REMOVED, "y = 1", None),
    )


def test_what_is_declined_stays_until_it_is_generated_in_yet_another_way() -> None:
    base, generated = "x = 1\ny = 1\n", "x = 2\nz = 1\n"
    declined = merge(base, base, generated, dict.fromkeys("xyz", Side.EDITED))
    assert (declined.text, declined.base) == (base, generated)
    again = merge(declined.base, declined.text, generated)
    assert (again.text, again.offers, again.conflicts) == (base, (), ())
    later = merge(declined.base, declined.text, "x = 3\nz = 2\n")
    assert [conflict.key for conflict in later.conflicts] == ["x", "z"]


def test_what_is_declined_comes_all_the_same_where_what_is_taken_uses_it() -> None:
    generated = BASE + "\n\n@pytest.fixture\ndef toy():\n    return 1\n"
    generated += "\n\ndef test_toy(toy):\n    assert toy\n"
    merged = merge(BASE, BASE, generated, {"toy": Side.EDITED})
    assert "def toy()" in merged.text
    assert Change("toy", Kind.FIXTURE, Fate.NEEDED) in merged.changes
    both = merge(BASE, BASE, generated, {"toy": Side.EDITED, "test_toy": Side.EDITED})
    assert both.text == BASE


def test_a_joined_part_is_declined_or_taken_as_it_is_generated() -> None:
    base = 'def f():\n    """One."""\n    return 1\n'
    edited, generated = base.replace("One", "Mine"), base.replace("return 1", "return 2")
    assert [offer.fate for offer in merge(base, edited, generated).offers] == [Fate.JOINED]
    assert merge(base, edited, generated, {"f": Side.EDITED}).text == edited
    assert merge(base, edited, generated, {"f": Side.GENERATED}).text == generated


def test_imports_follow_and_are_not_offered() -> None:
    base = "import os\nfrom a import x\n\ny = os, x\n"
    merged = merge(base, base, "import re\nfrom a import z\n\ny = re, z\n")
    assert [offer.key for offer in merged.offers] == ["y"]
    kept = merge(base, base, "import re\nfrom a import z\n\ny = re, z\n", {"y": Side.EDITED})
    assert "y = os, x" in kept.text
    assert {"import os", "import re", "from a import x, z"} <= set(kept.text.splitlines())


def test_choices_that_come_to_no_python_are_refused() -> None:
    base, generated = "x = 1\n", "from __future__ import annotations\n"
    with pytest.raises(InvalidInputError) as caught:
        merge(base, base, generated, {"x": Side.EDITED})
    assert caught.value.where == "choices"


def test_what_only_the_replaced_half_of_a_part_used_is_not_kept() -> None:
    base = 'X = 1\n\n\ndef f():\n    """One."""\n    return X\n'
    generated = 'def f():\n    """One."""\n    return 2\n'
    assert merge(base, base.replace("One", "Mine"), generated).text == generated.replace(
        "One", "Mine"
    )


def test_halves_that_come_to_nothing_are_a_conflict() -> None:
    base = 'def f():\n    """One."""\n    return 1\n'
    edited, generated = "def f():\n    return 1\n", 'def f():\n    """One."""\n'
    assert fates(merge(base, edited, generated)) == {"f": Fate.CONFLICT}
