"""Each edit changes one place of a value, and says which and how."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from app.domain.strength import Kind
from testops import pointers
from testops.json_values import Json
from worker.strength import places

SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab/~", max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


def spelled(value: Json) -> str:
    """As JSON, where 1 and true are two things."""
    return json.dumps(value, sort_keys=True)


@given(VALUES)
def test_an_edit_changes_its_place_and_nothing_else(value: Json) -> None:
    before = spelled(value)
    for edit in places.edits(value):
        assert spelled(edit.value) != before
        assert spelled(value) == before
        if edit.kind is Kind.DROPPED:
            parent, _, key = edit.pointer.rpartition("/")
            members = pointers.value_at(value, parent)
            name = key.replace("~1", "/").replace("~0", "~")
            there = {key: each for key, each in members.items() if key != name}
            assert spelled(pointers.replaced(value, parent, there)) == spelled(edit.value)
        else:
            there = pointers.value_at(edit.value, edit.pointer)
            assert spelled(pointers.replaced(value, edit.pointer, there)) == spelled(edit.value)


@given(VALUES)
def test_what_is_put_there_is_what_the_kind_says(value: Json) -> None:
    for edit in places.edits(value):
        if edit.kind is Kind.DROPPED:
            continue
        old, new = (pointers.value_at(each, edit.pointer) for each in (value, edit.value))
        match edit.kind:
            case Kind.NULLED:
                assert new is None
            case Kind.RETYPED:
                assert type(new) is not type(old)
                assert new is not None
            case Kind.EMPTIED:
                assert type(new) is type(old)
                assert not new
            case Kind.EXTRA_ITEM:
                assert new == [*old, old[-1]]


@given(VALUES)
def test_no_place_is_edited_twice_in_one_way(value: Json) -> None:
    made = [(edit.kind, edit.pointer) for edit in places.edits(value)]

    assert len(set(made)) == len(made)


def test_every_kind_is_made_where_it_can_be() -> None:
    found = [(edit.kind.value, edit.pointer, edit.told) for edit in places.edits({"a": ["x"]})]

    assert found == [
        ("nulled", "", 'null for {"a": ["x"]}'),
        ("retyped", "", '[{"a": ["x"]}] for {"a": ["x"]}'),
        ("emptied", "", '{} for {"a": ["x"]}'),
        ("property dropped", "/a", "a is not there"),
        ("nulled", "/a", 'null for ["x"]'),
        ("retyped", "/a", '{"0": "x"} for ["x"]'),
        ("emptied", "/a", '[] for ["x"]'),
        ("extra item", "/a", '["x", "x"] for ["x"]'),
        ("nulled", "/a/0", 'null for "x"'),
        ("retyped", "/a/0", '1 for "x"'),
        ("emptied", "/a/0", '"" for "x"'),
    ]


def test_numbers_and_truths_are_retyped_to_texts() -> None:
    retyped = [e.value for e in places.edits([7, True]) if e.kind is Kind.RETYPED and e.pointer]

    assert retyped == [["7", True], [7, "true"]]


def test_of_a_long_list_the_first_and_the_last_item_are_edited() -> None:
    touched = {edit.pointer for edit in places.edits([1, 2, 3, 4])}

    assert touched == {"", "/0", "/3"}


def test_what_lies_too_deep_is_left_alone() -> None:
    value: Json = 1
    for _ in range(30):
        value = [value]

    assert max(edit.pointer.count("/") for edit in places.edits(value)) == 12


def test_a_long_value_is_shown_shortened() -> None:
    (told,) = [e.told for e in places.edits("x" * 100) if e.kind is Kind.NULLED]

    assert told == f'null for "{"x" * 59}…'
