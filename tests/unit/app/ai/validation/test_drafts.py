"""What a check may consist of. Each refusal is by the text alone: nothing of it is run."""

from __future__ import annotations

import builtins
import importlib
import re
from collections.abc import Sequence

import pytest

from app.ai.validation import depending, drafts, vocabulary
from app.ai.validation.drafts import UnsoundError

GOOD = 'r = api.get("/x")\nassert r.status == 200'
#: What stands at the top of the module.
KNOWN = {"BODY", "book_id", "test_there"}


def written(body: str, signature: str = "def test_x(api: Api) -> None:", before: str = "") -> str:
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    return f"{before}{signature}\n{lines}\n"


def problems(code: str) -> Sequence[str]:
    try:
        draft = drafts.read(code)
    except UnsoundError as error:
        return [str(error)]
    return [*drafts.problems(draft, KNOWN, {"book_id"}), *depending.problems(draft)]


@pytest.mark.parametrize(
    "code",
    [
        written(GOOD),
        written(GOOD, "def test_x(api: Api, other: Api, book_id: Json) -> None:"),
        written(GOOD, before="from json import dumps, loads\nfrom datetime import UTC\n"),
        written(f"from re import search\n{GOOD}"),
        written('expect.documented(api.get("/x", query={"a": [1, *[2]]}))'),
        written('a = created(api, "/x", "/id", json=BODY)\nassert a'),
        written('r: Json = api.get("/x").json()\nr += []\nassert [v for v in r if v > 1][0:2]'),
        written('for p in ("/a", "/b"):\n    assert api.get(p).status in {200, 404}'),
        written('rs = api.get("/x")\nfor r in rs.json():\n    assert r\nassert rs.status == 200'),
        written('s = 0\nfor r in api.get("/x").json():\n    s += r\n    last = r\nassert s or r'),
        written(
            'if (r := api.get("/x")).status == 200:\n    assert r.text\nassert r.status < 300'
        ).replace("assert r.status < 300", 'assert api.get("/y").status == 200'),
        written('f = lambda n: n\nstate.holds(api.get("/x"), {"a": f(1)})'),
        written('"""Doc."""\nx: int\nassert api.get(f"/{1:>2}").status == 200'),
    ],
)
def test_what_tests_an_answer_may_stand(code: str) -> None:
    assert problems(code) == []


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("def test_x(api:", "not Python"),
        ("x" * 7000, "more than 6000 characters"),
        ("(" * 3000, "not Python|cannot be read"),
        ("assert '\ud800'", "cannot be read"),
        ("", "one function"),
        ("x = 1\n" + written(GOOD), "one function"),
        (written(GOOD) + "\nopen('/etc/passwd')", "one function"),
        ("async " + written(GOOD), "one function"),
        ("class TestX:\n    pass", "one function"),
        (written(GOOD, before="import os\n"), "`import os` is not allowed"),
        (written(GOOD, before="import json\n"), "Use `from json import"),
        (written(GOOD, before="from json import *\n"), "not allowed"),
        (written(GOOD, before="from json import loads as test_there\n"), "not allowed"),
        (written(GOOD, before="from . import x\n"), "not allowed"),
        (written(GOOD, before="from testops.client import httpx\n"), "not allowed"),
        (written(f"import socket\n{GOOD}"), "not allowed"),
        (written(f"{GOOD}\nif r:\n    import os"), "not of: Import"),
        (written(GOOD, "def check_x(api: Api) -> None:"), "has to be test_"),
        (written(GOOD, "def test_ÿ(api: Api) -> None:"), "has to be test_"),
        (written(GOOD, "def test_there(api: Api) -> None:"), "already has test_there"),
        (written(GOOD, "def test_x(other: Api) -> None:"), "take the client"),
        (written(GOOD, "def test_x(api, tmp_path) -> None:"), "no fixture tmp_path"),
        (written(GOOD, "def test_x(api=print) -> None:"), "plain arguments"),
        (written(GOOD, "def test_x(api, *rest) -> None:"), "plain arguments"),
        (written(GOOD, before="@pytest.mark.skip\n"), "no decorator"),
        (written(f"try:\n    pass\nexcept E:\n    pass\n{GOOD}"), "not of: .*Try"),
        (written(f"while True:\n    {GOOD}"), "not of: While"),
        (written(f"with open('x') as f:\n    x = f\n{GOOD}"), "not of: With"),
        (written(f"def inner():\n    return 1\n{GOOD}"), "not of: FunctionDef"),
        (written(f"global api\n{GOOD}"), "not of: Global"),
        (written(f"{GOOD}\ndel r"), "not of: Delete"),
        (written(f"return\n{GOOD}"), "not of: Return"),
        (written(f"{GOOD}\nx = r.__class__"), "__class__ may not be used"),
        (written(f"{GOOD}\nx = r._private"), "_private may not be used"),
        (written(f"{GOOD}\nx = '{{0.__class__}}'.format(r)"), "format may not be used"),
        (written(f"{GOOD}\nexpect.httpx.get('http://evil')"), "no expect.httpx"),
        (written(f"{GOOD}\nstate.x(r)"), "no state.x"),
        (written(f"{GOOD}\neval('1')"), "not known here: eval"),
        (written(f"{GOOD}\nx = __builtins__"), "not known here: __builtins__"),
        (written(f"{GOOD}\ngetattr(r, 'a' + 'b')"), "not known here: getattr"),
        (written(f"{GOOD}\npytest.skip('x')"), "not known here: pytest"),
        (written(f"api = 1\n{GOOD}"), "names are taken: api"),
        (written(f"BODY = 1\n{GOOD}"), "names are taken: BODY"),
        (written(f"expect = state\n{GOOD}"), "names are taken: expect"),
        (written(f"len = lambda api: 5\n{GOOD}"), "names are taken: api, len"),
        (written("assert True"), "sends no request"),
        (written("x = 1"), "sends no request"),
        (written('api.get("/x")\nassert True'), "No assertion depends"),
        (written('r = api.get("/x")\nassert 1 == 1'), "No assertion depends"),
        (written('r = api.get("/x")\nif r.status == 1:\n    assert r.text'), "No assertion"),
        (written('for r in api.get("/x").json():\n    assert r'), "No assertion depends"),
        (written('for r in []:\n    assert api.get("/x")'), "No assertion depends"),
        (written('r = api.get("/x")\nexpect.documented(None)'), "No assertion depends"),
    ],
)
def test_what_is_no_check_is_refused(code: str, problem: str) -> None:
    found = problems(code)
    assert found
    assert any(re.search(problem, each) for each in found), found


def test_all_that_is_offered_is_there_under_one_name() -> None:
    names = [name for offered in vocabulary.IMPORTS.values() for name in offered]
    assert len(names) == len(set(names))
    for module, offered in vocabulary.IMPORTS.items():
        assert offered <= set(dir(importlib.import_module(module)))
    for module, offered in vocabulary.EXPECTATIONS.items():
        assert offered <= set(dir(importlib.import_module(f"testops.{module}")))
    assert set(dir(builtins)) >= vocabulary.BUILTINS
