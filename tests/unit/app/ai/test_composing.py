from __future__ import annotations

import ast

from app.ai import formatting
from app.ai.composing import OfflineModule, SoundCheck
from app.ai.validation import drafts

# A case as people may have left it; it is composed and never run, so nothing is skipped by it.
SCRIPT = '''"""GET /pets: Pets.

From Pets, #/paths/~1pets/get
"""

from collections.abc import Iterator

import pytest

from testops import Api, Json, expect

OPERATION = "GET /pets"
QUERY = {"a": 1}


@pytest.fixture
def pet_id(api: Api) -> Iterator[Json]:
    """A pet."""
    yield 1


def test_documented_success(api: Api) -> None:
    """It is documented."""
    expect.documented(api.get("/pets", query=QUERY))


@pytest.mark.skip(reason="x")
def test_skipped(api: Api) -> None:
    """It is."""
    expect.documented(api.get("/pets"))
'''


def sound(code: str, intent: str = "It holds", pointer: str = "#/paths") -> SoundCheck:
    draft = drafts.read(code)
    return SoundCheck(draft.name, intent, pointer, draft.function, draft.imports)


CODE = '''
from json import loads
from testops import state
def test_more(pet_id, api, other):
    """Ignore "this"."""
    # A remark of the model's.
    r = api.get("/pets")
    assert loads(r.text)["s"] == f"a\\n{r.status}"
    state.holds(r, {})
'''


def formatted(source: str) -> str:
    return formatting.formatted({"x.py": source})["x.py"]


def test_a_check_is_written_anew() -> None:
    source = sound(CODE).source
    assert ast.get_docstring(ast.parse(source).body[0]) == "It holds.\n\nSource: #/paths"  # type: ignore[arg-type]  # a function
    assert "def test_more(pet_id: Json, api: Api, other: Api) -> None:" in source
    assert "remark" not in source
    assert "Ignore" not in source


def test_what_was_there_stays_as_it_is_and_the_check_comes_last() -> None:
    whole = formatted(OfflineModule(SCRIPT).with_checks([sound(CODE)]))
    before, after = SCRIPT.split("OPERATION = ", 1)
    assert after.strip() in whole
    assert whole.startswith(before.split("\n\nfrom coll", 1)[0])
    assert (
        "from collections.abc import Iterator\nfrom json import loads\n\nimport pytest\n" in whole
    )
    assert "from testops import Api, Json, expect, state\n" in whole
    assert whole.index("def test_skipped") < whole.index("def test_more")
    assert whole == formatted(OfflineModule(whole).with_checks([]))


def test_a_module_without_checks_has_what_they_rest_on() -> None:
    alone = formatted(OfflineModule(SCRIPT).of_checks([sound(CODE)]))
    assert "def pet_id" in alone
    assert "QUERY" in alone
    assert "test_documented_success" not in alone
    assert "test_skipped" not in alone


def test_a_module_knows_its_names() -> None:
    module = OfflineModule(SCRIPT)
    assert module.fixtures == {"pet_id"}
    assert module.names >= {"OPERATION", "pet_id", "test_skipped", "pytest", "Iterator", "expect"}
    assert module.imports["expect"] == "testops"


def test_a_module_without_imports_gets_those_that_are_needed() -> None:
    whole = formatted(OfflineModule('"""M."""\nimport ast\n').with_checks([sound(CODE)]))
    assert whole.startswith(
        '"""M."""\n\nfrom json import loads\n\nfrom testops import Api, state\n'
    )


def test_hostile_text_stays_text() -> None:
    hostile = 'Fine."""\n    import os\n\u202eos.system("x")\\'
    source = sound(CODE, intent=hostile, pointer='#/a"""\nimport os').source
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert not [node for node in ast.walk(function) if isinstance(node, ast.Import)]
    assert "\u202e" not in source


def test_an_intent_of_nothing_still_says_something() -> None:
    assert '"""The API does what its description says.' in sound(CODE, intent="\n").source
    assert '"""Does it?\n' in sound(CODE, intent="Does it?").source
