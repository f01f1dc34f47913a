from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.ai import contributing
from app.ai.composing import OfflineModule
from app.ai.contributing import Contribution, NobodyError, Reply
from app.ai.prompts.asking import Subject
from app.ai.providers.provider import Answer, ModelError, ProposedCheck, Question, Trouble
from app.ai.validation.judging import Judge
from app.ai.validation.trial import Tried
from app.openapi import loading

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "X", "version": "1"},
    "paths": {"/x": {"get": {"responses": {"200": {"description": "ok"}}}}},
}


@dataclass
class Asker:
    """Gives what it was told to, in this order."""

    replies: list[Reply | Exception]
    asked: list[Question] = field(default_factory=list)

    def ask(self, question: Question) -> Reply:
        self.asked.append(question)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


def fine(module: str, script: str, contract: str) -> Tried:
    assert (module, contract) == ("test_x.py", "{}")
    assert script
    return Tried()


def check(name: str, body: str = 'assert api.get("/x").status == 200') -> ProposedCheck:
    code = f"def {name}(api: Api) -> None:\n    {body}\n"
    return ProposedCheck(name, "It holds.", "#/paths", code)


def bad(name: str) -> ProposedCheck:
    return check(name, "assert True")


def reply(*checks: ProposedCheck, provider: str = "one", passed_over: str = "") -> Reply:
    return Reply(provider, Answer(checks), (passed_over,) if passed_over else ())


def contribute(asker: Asker) -> Contribution:
    description = loading.load_bytes(json.dumps(DOCUMENT).encode())
    module = OfflineModule('"""M."""\n')
    subject = Subject(description, description.operations[0], module)
    judge = Judge("test_x.py", module, "{}", lambda _: True, fine)
    return contributing.contribute(subject, judge, asker)


def names(found: Contribution) -> Sequence[str]:
    return [each.name for each in found.kept]


def test_what_is_sound_at_once_is_kept() -> None:
    asker = Asker([reply(check("test_a"), check("test_b"))])
    found = contribute(asker)
    assert names(found) == ["test_a", "test_b"]
    assert (found.repaired, found.dropped, found.stopped) == ([], {}, "")
    assert found.providers == ["one"]
    assert len(asker.asked) == 1


def test_problems_go_back_and_what_is_put_right_is_kept() -> None:
    asker = Asker([reply(check("test_a"), bad("test_b")), reply(check("test_b"), provider="two")])
    found = contribute(asker)
    assert names(found) == ["test_a", "test_b"]
    assert (found.repaired, found.dropped) == (["test_b"], {})
    assert found.providers == ["one", "two"]
    assert "sends no request" in asker.asked[1].material


def test_what_was_kept_may_be_repeated_in_a_repair() -> None:
    asker = Asker([reply(check("test_a"), bad("test_b")), reply(check("test_a"), check("test_b"))])
    found = contribute(asker)
    assert (names(found), found.dropped) == (["test_a", "test_b"], {})


def test_problems_go_back_twice_at_most() -> None:
    asker = Asker([reply(bad("test_a")), reply(bad("test_a")), reply(bad("test_a")), reply()])
    found = contribute(asker)
    assert len(asker.asked) == 3
    assert (names(found), list(found.dropped), found.providers) == ([], ["test_a"], [])


def test_a_check_that_the_model_leaves_out_is_dropped() -> None:
    found = contribute(Asker([reply(bad("test_a")), reply(check("test_b"))]))
    assert (names(found), list(found.dropped), found.repaired) == (["test_b"], ["test_a"], [])


def test_an_answer_in_no_form_is_asked_for_again() -> None:
    asker = Asker([ModelError(Trouble.UNREADABLE), reply(check("test_a"))])
    found = contribute(asker)
    assert (names(found), found.stopped) == (["test_a"], "")
    assert "not JSON by the schema" in asker.asked[1].material


def test_a_repair_in_no_form_is_asked_for_again() -> None:
    asker = Asker([reply(bad("test_a")), ModelError(Trouble.UNREADABLE), reply(check("test_a"))])
    found = contribute(asker)
    assert (names(found), found.repaired) == (["test_a"], ["test_a"])
    assert "may not stand" in asker.asked[2].material


def test_where_no_answer_has_the_form_it_says_so() -> None:
    found = contribute(Asker([ModelError(Trouble.UNREADABLE) for _ in range(3)]))
    assert (names(found), found.stopped) == ([], Trouble.UNREADABLE.value)


def test_those_who_did_not_answer_are_said_once() -> None:
    replies = [reply(bad("test_a"), passed_over="one is away") for _ in range(2)]
    found = contribute(Asker([*replies, NobodyError("all away")]))
    assert found.reason == "one is away; all away"


def test_what_was_kept_stays_where_nobody_answers_any_more() -> None:
    found = contribute(Asker([reply(check("test_a"), bad("test_b")), NobodyError("all away")]))
    assert (names(found), list(found.dropped)) == (["test_a"], ["test_b"])
    assert found.stopped == "all away"
