from __future__ import annotations

from dataclasses import dataclass, field

from app.ai.composing import OfflineModule
from app.ai.providers.provider import ProposedCheck
from app.ai.validation.judging import MAX_CHECKS, Judge
from app.ai.validation.trial import Tried

SCRIPT = '"""M."""\n\nfrom testops import Api, expect\n\nOPERATION = "GET /x"\n'


@dataclass
class Trial:
    """Breaks a module that holds the word, and finds fault with the checks that are named."""

    word: str = "nothing holds this"
    faults: dict[str, str] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)

    def __call__(self, module: str, script: str, contract: str) -> Tried:
        assert (module, contract) == ("test_x.py", "{}")
        self.scripts.append(script)
        return Tried("It broke." if self.word in script else "", self.faults)


def judge(trial: Trial) -> Judge:
    return Judge("test_x.py", OfflineModule(SCRIPT), "{}", lambda each: each == "#/x", trial)


def proposed(name: str, extra: str = "", pointer: str = "#/x") -> ProposedCheck:
    code = f'def {name}(api: Api) -> None:\n    assert api.get("/x").status == 200{extra}\n'
    return ProposedCheck(name, "It holds.", pointer, code)


def test_what_is_sound_is_tried_in_one_module() -> None:
    trial = Trial()
    found = judge(trial).judged([proposed("test_a"), proposed("test_b")])
    assert [each.name for each in found.sound] == ["test_a", "test_b"]
    assert found.rejected == ()
    [script] = trial.scripts
    compile(script, "x", "exec")


def test_what_is_unsound_by_its_text_is_not_tried() -> None:
    trial = Trial()
    checks = [
        proposed("test_a", pointer="#/y"),
        proposed("check_b"),
        ProposedCheck("test_c", "", "#/x", "x ="),
        ProposedCheck("test_d", "", "#/x", proposed("test_e").code),
    ]
    found = judge(trial).judged(checks)
    assert (found.sound, trial.scripts) == ((), [])
    assert [each.check.name for each in found.rejected] == ["test_a", "check_b", "test_c", "test_d"]
    assert found.rejected[0].problems == ("The pointer leads nowhere in the description.",)


def test_what_the_cage_finds_is_a_problem() -> None:
    found = judge(Trial(faults={"test_b": "It passes."})).judged(
        [proposed("test_a"), proposed("test_b")]
    )
    assert [each.name for each in found.sound] == ["test_a"]
    assert [each.problems for each in found.rejected] == [("It passes.",)]


def test_what_breaks_the_module_does_no_harm_to_the_others() -> None:
    trial = Trial(word="bad")
    found = judge(trial).judged([proposed("test_a"), proposed("test_b", ", 'bad'")])
    assert [each.name for each in found.sound] == ["test_a"]
    assert [each.problems for each in found.rejected] == [("It broke.",)]
    assert len(trial.scripts) == 3


def test_a_name_is_taken_once() -> None:
    ours = judge(Trial())
    assert len(ours.judged([proposed("test_a"), proposed("test_a")]).sound) == 1
    [again] = ours.judged([proposed("test_a")]).rejected
    assert again.problems == ("The module already has test_a.",)


def test_an_import_may_not_mean_something_else() -> None:
    script = f"{SCRIPT}\nfrom other import quote\nfrom json import loads\n"
    ours = Judge("test_x.py", OfflineModule(script), "{}", lambda _: True, Trial())
    code = proposed("test_a").code
    checks = [
        ProposedCheck("test_a", "", "#/x", f"from urllib.parse import quote\n{code}"),
        ProposedCheck("test_a", "", "#/x", f"from json import loads\n{code}"),
    ]
    found = ours.judged(checks)
    assert [each.problems for each in found.rejected] == [
        ("The module already has another quote.",)
    ]
    assert len(found.sound) == 1


def test_more_than_was_asked_for_is_not_looked_at() -> None:
    found = judge(Trial()).judged([proposed(f"test_{n}") for n in range(MAX_CHECKS + 5)])
    assert len(found.sound) == MAX_CHECKS
