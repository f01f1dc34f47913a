"""What holds of any three modules, and of any sequence of edits and generations."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.scripts import parts
from app.domain.scripts.deciding import Fate, Side
from app.domain.scripts.merging import Merge, merge

#: Quick, and the same for everybody.
PROFILE = settings(max_examples=30, deadline=None, database=None, derandomize=True)

CHECKS = ("test_a", "test_b", "test_c", "test_d")
FIXTURES = ("pet_id", "shop_id")
VALUES = ("BODY", "QUERY")
SDK = ("Api", "created", "expect", "state")


@dataclass(frozen=True)
class Piece:
    """A function or value: what it says, what it does and which names it needs."""

    said: int = 0
    done: str = "0"
    needs: tuple[str, ...] = ()
    remark: str = ""


Pieces = Mapping[str, Piece]


def piece_text(name: str, piece: Piece) -> str:
    remark = f"# {piece.remark}\n" if piece.remark else ""
    if name.isupper():
        return f"{remark}{name} = {piece.done}\n"
    mark = "@pytest.fixture\n" if name in FIXTURES else ""
    asked = ", ".join(["api: Api", *(each for each in piece.needs if each in FIXTURES)])
    used = ", ".join(each for each in piece.needs if each not in FIXTURES)
    said = f'    """Number {piece.said}."""\n'
    return f"\n\n{remark}{mark}def {name}({asked}):\n{said}    call({piece.done}, {used})\n"


def module(pieces: Pieces, extra: str = "") -> str:
    """As a writer would tell it: what is imported is what is used."""
    present = {
        name: replace(piece, needs=tuple(n for n in piece.needs if n in pieces or n in SDK))
        for name, piece in pieces.items()
    }
    body = "".join(piece_text(name, piece) for name, piece in present.items())
    used = [name for name in SDK if name in body]
    imported = f"from testops import {', '.join(used)}\n" if used else ""
    return f'"""Pets."""\n\nimport pytest\n{extra}{imported}\nOPERATION = "GET /"\n{body}'


PIECES = st.builds(
    Piece,
    said=st.integers(0, 2),
    done=st.sampled_from("012"),
    needs=st.lists(st.sampled_from([*FIXTURES, *VALUES, *SDK[1:]]), max_size=3, unique=True).map(
        tuple
    ),
    remark=st.sampled_from(["", "", "", "mine", "theirs"]),
)
#: Values and fixtures first; then the checks in some order.
NAMES = st.permutations(CHECKS).map(lambda checks: [*VALUES, *FIXTURES, *checks])


def changed(known: Piece, new: Piece, how: str) -> Piece:
    """A piece of which a part, all or nothing is new."""
    if how == "said":
        return replace(known, said=new.said)
    if how == "done":
        return replace(known, done=new.done)
    return new if how == "other" else known


@st.composite
def piece_maps(draw: st.DrawFn, before: Pieces | None = None) -> Pieces:
    """A module's pieces: any, or what somebody made of others."""
    names = draw(NAMES) if before is None or draw(st.booleans()) else [*before]
    names += [name for name in (*VALUES, *FIXTURES, *CHECKS) if name not in names]
    pieces = {}
    for name in names:
        known = before.get(name) if before is not None else None
        fate = draw(st.sampled_from(["same", "same", "said", "done", "other", "gone"]))
        if fate == "gone":
            continue
        new = draw(PIECES)
        if before is None or (known is None and fate != "same"):
            pieces[name] = new
        elif known is not None:
            pieces[name] = changed(known, new, fate)
    return pieces


@st.composite
def trios(draw: st.DrawFn) -> tuple[str, str, str]:
    base = draw(piece_maps())
    extra = draw(st.sampled_from(["", "", "import json\n", "# About.\n\nassert True\n"]))
    return (
        module(base),
        module(draw(piece_maps(base)), extra),
        module(draw(piece_maps(base))),
    )


def texts(source: str) -> dict[str, str]:
    return {part.key: part.text for part in parts.split(source).parts}


def unbound(source: str) -> set[str]:
    found = parts.split(source).parts
    known = {name for part in found for name in part.binds} | set(dir(builtins))
    return {name for part in found for name in part.uses} - known


def fates(merged: Merge) -> dict[str, Fate]:
    return {change.key: change.fate for change in merged.changes}


@PROFILE
@given(trios())
def test_who_changed_nothing_decides_nothing(trio: tuple[str, str, str]) -> None:
    base, edited, generated = trio
    assert merge(base, base, generated).text == generated
    assert merge(base, edited, base).text == edited
    assert merge(base, edited, edited).text == edited
    for merged in (merge(base, base, generated), merge(base, edited, base)):
        assert not merged.conflicts
        assert not any(each.fate is Fate.CONFLICT for each in merged.changes)


@PROFILE
@given(trios())
def test_every_part_is_what_the_three_sides_make_of_it(trio: tuple[str, str, str]) -> None:
    """Nothing edited is lost; what nobody edited is as it was generated, unless it is needed."""
    merged = merge(*trio)
    base, edited, generated = map(texts, trio)
    result, told, conflicts = texts(merged.text), fates(merged), {c.key for c in merged.conflicts}
    for key in base | edited | generated:
        was, ours, theirs = base.get(key), edited.get(key), generated.get(key)
        if key.startswith("from "):
            continue
        if key in conflicts:
            assert len({was, ours, theirs}) == 3
            assert result.get(key) == ours
        elif told[key] is Fate.NEEDED:
            assert result[key] == (ours or theirs)
            assert None in (ours, theirs)
        elif told[key] is Fate.JOINED:
            assert len({was, ours, theirs}) == 3
            assert ours
            assert theirs
            assert set(result[key].splitlines()) <= {*ours.splitlines(), *theirs.splitlines()}
        else:
            assert result.get(key) == (theirs if ours == was else ours)
            assert ours in (was, theirs) or was == theirs
    assert set(result) <= {*base, *edited, *generated}


@PROFILE
@given(trios())
def test_a_conflict_is_told_with_all_its_texts(trio: tuple[str, str, str]) -> None:
    for conflict in merge(*trio).conflicts:
        told = (conflict.base, conflict.edited, conflict.generated)
        assert told == tuple(texts(each).get(conflict.key) for each in trio)


@PROFILE
@given(trios())
def test_merging_again_changes_nothing(trio: tuple[str, str, str]) -> None:
    once = merge(*trio)
    again = merge(once.base, once.text, trio[2])
    assert (again.text, again.base, again.conflicts) == (once.text, once.base, once.conflicts)


@PROFILE
@given(trios())
def test_nothing_that_is_used_goes_missing(trio: tuple[str, str, str]) -> None:
    merged = merge(*trio)
    if not merged.conflicts:
        assert unbound(merged.text) <= unbound(trio[1]) | unbound(trio[2])


@PROFILE
@given(trios(), st.data())
def test_what_is_chosen_is_settled(trio: tuple[str, str, str], data: st.DataObject) -> None:
    merged = merge(*trio)
    keys = [conflict.key for conflict in merged.conflicts]
    choices = {key: data.draw(st.sampled_from(Side)) for key in keys if data.draw(st.booleans())}
    settled = merge(merged.base, merged.text, trio[2], choices)
    assert [c.key for c in settled.conflicts] == [key for key in keys if key not in choices]
    result = texts(settled.text)
    for conflict in merged.conflicts:
        side = choices.get(conflict.key, Side.EDITED)
        wanted = conflict.edited if side is Side.EDITED else conflict.generated
        assert result.get(conflict.key) == wanted
    later = merge(settled.base, settled.text, trio[2])
    assert [c.key for c in later.conflicts] == [c.key for c in settled.conflicts]


@PROFILE
@given(trios(), st.data())
def test_what_is_declined_stays_and_the_rest_is_taken(
    trio: tuple[str, str, str], data: st.DataObject
) -> None:
    merged = merge(*trio)
    keys = [offer.key for offer in merged.offers]
    declined = {key: Side.EDITED for key in keys if data.draw(st.booleans())}
    settled = merge(*trio, declined)
    edited, result, told = texts(trio[1]), texts(settled.text), fates(settled)
    for offer in merged.offers:
        assert offer.before == edited.get(offer.key)
        is_declined = told[offer.key] is Fate.DECLINED
        assert not is_declined or offer.key in declined
        if told[offer.key] is not Fate.NEEDED:
            assert result.get(offer.key) == (offer.before if is_declined else offer.after)
    again = merge(settled.base, settled.text, trio[2])
    assert (again.text, again.offers) == (settled.text, ())
    assert again.conflicts == settled.conflicts == merged.conflicts


@st.composite
def line_edits(draw: st.DrawFn, text: str) -> tuple[str, list[str]]:
    """A text of which lines went, came twice or were added, and the marks that were added."""
    lines, marks = text.splitlines(), []
    for number in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, len(lines)))
        mark = f"# mark {number}"
        how = draw(st.sampled_from(["remark", "inner remark", "blank", "gone", "twice", "end"]))
        if how in {"remark", "inner remark", "end"}:
            marks.append(mark)
        if how == "remark":
            lines.insert(place, mark)
        elif how == "inner remark":
            lines.insert(place, f"    {mark}")
        elif how == "blank":
            lines.insert(place, "")
        elif lines[place : place + 1]:
            kept = {"gone": [], "twice": lines[place : place + 1] * 2}
            lines[place : place + 1] = kept.get(how, [f"{lines[place]}  {mark}"])
        elif how == "end":
            lines.append(mark)
    text = "\n".join([*lines, ""])
    return text, [mark for mark in marks if mark in text]


@PROFILE
@given(st.data())
def test_no_remark_of_somebody_is_lost_wherever_it_stands(data: st.DataObject) -> None:
    pieces = data.draw(piece_maps())
    base = module(pieces)
    edited, marks = data.draw(line_edits(base))
    merged = merge(base, edited, module(data.draw(piece_maps(pieces))))
    assert [mark for mark in marks if mark not in merged.text] == []
    again = merge(merged.base, merged.text, merged.base)
    assert again.text == merged.text


@dataclass
class Kept:
    """A case as it is kept between generations."""

    script: str
    base: str
    offered: str | None = None
    #: What somebody wrote and has not given up: marks that must be found.
    marks: dict[str, str] = field(default_factory=dict)

    def regenerate(self, generated: str) -> None:
        merged = merge(self.base, self.script, generated)
        self.script, self.base = merged.text, merged.base
        self.offered = generated if merged.conflicts else None

    def edit(self, key: str, mark: str) -> None:
        module = parts.split(self.script)
        known = {part.key: part.text for part in module.parts}
        if key in known and known[key].count("call("):
            edited = known[key].replace("call(", f"call({mark!r}, ", 1)
            self.script = self.script.replace(known[key], edited)
        else:
            key = f"test_{mark}"
            self.script += f"\n\ndef {key}(api, pet_id):\n    call({mark!r}, BODY)\n"
        self.marks[mark] = key

    def settle(self, side: Side) -> None:
        if self.offered is None:
            return
        open_ = merge(self.base, self.script, self.offered).conflicts
        merged = merge(self.base, self.script, self.offered, {c.key: side for c in open_})
        assert not merged.conflicts
        self.script, self.base, self.offered = merged.text, merged.base, None
        if side is Side.GENERATED:
            gone = {c.key for c in open_}
            self.marks = {mark: key for mark, key in self.marks.items() if key not in gone}


@PROFILE
@given(st.data())
def test_in_any_sequence_every_edit_is_kept_until_somebody_gives_it_up(
    data: st.DataObject,
) -> None:
    pieces = data.draw(piece_maps())
    case = Kept(module(pieces), module(pieces))
    for number in range(data.draw(st.integers(2, 7))):
        action = data.draw(st.sampled_from(["edit", "edit", "generate", "generate", "settle"]))
        if action == "edit":
            case.edit(data.draw(st.sampled_from([*CHECKS, *FIXTURES])), f"m{number}")
        elif action == "generate":
            pieces = data.draw(piece_maps(pieces))
            case.regenerate(module(pieces))
        else:
            case.settle(data.draw(st.sampled_from(Side)))
        assert all(repr(mark) in case.script for mark in case.marks)
        parts.parse(case.script)
