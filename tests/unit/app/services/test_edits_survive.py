"""Any sequence of changed descriptions, edits, generations and choices, as they are really kept."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.scripts import parts
from app.domain.scripts.parts import Kind
from app.models import Case, Suite
from app.services import cases, descriptions, generations, merges, suites, versions
from app.settings import Settings
from tests.factories import rows

#: Quick, and the same for everybody; the rows of one example do not matter to another.
PROFILE = settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

#: The largest value of each parameter, by path.
Limits = Mapping[str, Mapping[str, int]]
LIMITS = st.dictionaries(
    st.sampled_from(["/pets", "/shops"]),
    st.dictionaries(st.sampled_from(["limit", "size"]), st.integers(5, 6), max_size=2),
    min_size=1,
)


def document(limits: Limits) -> bytes:
    paths = {path: {"get": operation(of_path)} for path, of_path in limits.items()}
    info = {"title": "Pets", "version": "1"}
    return json.dumps({"openapi": "3.1.0", "info": info, "paths": paths}).encode()


def operation(limits: Mapping[str, int]) -> Mapping[str, object]:
    asked = [
        {"name": name, "in": "query", "schema": {"type": "integer", "maximum": most}}
        for name, most in limits.items()
    ]
    return {"parameters": asked, "responses": {"200": {"description": "ok"}}}


def texts(script: str) -> Mapping[str, str]:
    return {each.key: each.text for each in parts.split(script).parts}


def done(check: str | None) -> str:
    """What a check does, without what it says: these are merged apart."""
    return "".join(ast.unparse(each) for each in ast.parse(check or "").body).rpartition('"""')[2]


@dataclass
class History:
    """A suite, and what somebody wrote in it and has not given up: marks by case and check."""

    session: Session
    suite: Suite
    marks: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def cases(self) -> list[Case]:
        """Those that are archived too."""
        found = select(Case).where(Case.suite_id == self.suite.id).order_by(Case.operation)
        return [*self.session.scalars(found)]

    def describe(self, limits: Limits) -> None:
        reading = descriptions.read_bytes(document(limits))
        versions.take(self.session, self.suite.api_description_id, reading)

    def generate(self, *, is_reviewed: bool) -> None:
        """Have all cases written; what was edited and is generated in another way has to wait."""
        before = {
            case.id: (texts(case.generated_script), texts(case.script)) for case in self.cases()
        }
        made = generations.request(self.session, self.suite.id, is_reviewed=is_reviewed)
        while generations.advance(self.session, made.id):
            pass
        for case in (each for each in self.cases() if each.id in before and not each.archived_at):
            base, edited = before[case.id]
            written = texts(case.offered_script or case.generated_script)
            keys = {check for case_id, check in self.marks if case_id == case.id}
            both = {
                key
                for key in keys
                if done(base.get(key)) != done(written.get(key))
                and written.get(key) != edited.get(key)
            }
            open_ = merges.waiting(case)
            assert both <= {each.key for each in (open_.conflicts if open_ else ())}

    def edit(self, case: Case, check: str, mark: str) -> None:
        """Say something in a check, or in one of one's own."""
        known = texts(case.script)
        said = f"\n    assert {mark!r}"
        own = f"\n\ndef {check}(api):{said}\n"
        script = case.script.replace(known[check], known[check] + said) if check in known else ""
        cases.save(self.session, case.id, script or case.script + own)
        self.marks.setdefault((case.id, check), set()).add(mark)

    def settle(self, case: Case, side: str) -> None:
        open_ = merges.waiting(case)
        if open_ is None:
            return
        keys = [each.key for each in open_.conflicts]
        merges.settle(self.session, case.id, dict.fromkeys(keys, side))
        assert case.offered_script is None
        for key in keys if side == "generated" else ():
            self.marks.pop((case.id, key), None)

    def lost(self) -> set[str]:
        scripts = {case.id: case.script for case in self.cases()}
        written = ((case_id, mark) for (case_id, _), marks in self.marks.items() for mark in marks)
        return {mark for case_id, mark in written if repr(mark) not in scripts[case_id]}


def checks(case: Case) -> list[str]:
    own = ["test_own", "test_query_size_above_maximum"]
    found = parts.split(case.script).parts
    return sorted({each.key for each in found if each.kind is Kind.CHECK} | {*own})


@PROFILE
@given(data=st.data())
def test_every_edit_is_kept_or_shown_as_a_conflict(
    session: Session, policy: Settings, data: st.DataObject
) -> None:
    reading = descriptions.read_bytes(document(data.draw(LIMITS)))
    description = descriptions.add(session, reading)
    suite = suites.create(
        session, description.id, name="Pets", base_url=rows.BASE_URL, settings=policy
    )
    history = History(session, suite)
    history.generate(is_reviewed=False)
    for number in range(data.draw(st.integers(3, 8))):
        case = data.draw(st.sampled_from(history.cases()))
        action = data.draw(st.sampled_from(["edit", "edit", "change", "change", "settle"]))
        if action == "edit":
            history.edit(case, data.draw(st.sampled_from(checks(case))), f"mark {number}")
        elif action == "change":
            history.describe(data.draw(LIMITS))
            history.generate(is_reviewed=data.draw(st.booleans()))
        else:
            history.settle(case, data.draw(st.sampled_from(["edited", "generated"])))
        assert history.lost() == set()
