import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.scripts import parts
from app.domain.scripts.parts import Kind
from app.errors import InvalidInputError

MODULE = '''#!/usr/bin/env python
"""GET /pets.

From Pets
"""

from collections.abc import Iterator

import os, sys
import pytest
from testops import Api, expect  # what is needed

# About all of it.

# The key.
OPERATION = "GET /pets"
LIMIT: int = 3
one = 1; two = 2
a, b = 1, 2
assert LIMIT


@pytest.fixture(scope="module")
def pet(api: Api) -> Iterator[int]:
    yield 1


# Mine.
@pytest.mark.parametrize(
    "size", [1, 2]
)
def test_pets(api: Api, pet: int) -> None:
    """All pets."""
    size = [each for each in (1, 2)]
    expect.documented(api.get("/pets"))
    # Nothing else.

    # Really.


class Shop:
    pass


def helper(): pass
def test_pets(): pass


# The end.

'''


def test_a_module_is_taken_apart_without_losing_a_byte() -> None:
    assert parts.split(MODULE).text() == MODULE


def test_each_part_has_a_key_and_a_kind() -> None:
    found = {part.key: part.kind for part in parts.split(MODULE).parts}
    comments = [key for key, kind in found.items() if kind is Kind.COMMENT]
    statements = [key for key, kind in found.items() if key.startswith("statement ")]
    assert {key: kind for key, kind in found.items() if key not in {*comments, *statements}} == {
        "docstring": Kind.DOCSTRING,
        "from collections.abc": Kind.IMPORT,
        "import os, sys": Kind.IMPORT,
        "import pytest": Kind.IMPORT,
        "from testops": Kind.IMPORT,
        "OPERATION": Kind.VALUE,
        "LIMIT": Kind.VALUE,
        "one, two": Kind.STATEMENT,
        "a, b": Kind.VALUE,
        "pet": Kind.FIXTURE,
        "test_pets": Kind.CHECK,
        "Shop": Kind.CLASS,
        "helper": Kind.FUNCTION,
        "test_pets (2)": Kind.CHECK,
    }
    assert (len(comments), len(statements)) == (2, 1)


def test_comments_right_above_and_indented_ones_below_belong_to_a_statement() -> None:
    found = {part.key: part.text for part in parts.split(MODULE).parts}
    assert found["OPERATION"] == '# The key.\nOPERATION = "GET /pets"'
    assert found["test_pets"].startswith("# Mine.\n@pytest.mark.parametrize(\n")
    assert found["test_pets"].endswith("\n    # Nothing else.\n\n    # Really.")
    assert found["docstring"].startswith("#!/usr/bin/env python\n")


def test_a_part_knows_what_it_binds_and_uses() -> None:
    found = {part.key: part for part in parts.split(MODULE).parts}
    assert found["import os, sys"].binds == ("os", "sys")
    assert found["test_pets"].binds == ("test_pets",)
    assert found["test_pets"].uses >= {"api", "pet", "size", "expect", "pytest"}
    [statement] = [part for key, part in found.items() if key.startswith("statement ")]
    assert statement.uses == {"LIMIT"}


def test_a_text_that_names_something_uses_it() -> None:
    [part] = parts.split('@pytest.mark.usefixtures("pet")\ndef test_x(): pass').parts
    assert "pet" in part.uses


@pytest.mark.parametrize(
    ("source", "keys", "tail"),
    [
        ("", [], ""),
        ("\n \n", [], "\n \n"),
        ("x = 1", ["x"], ""),
        ("x = 1\r\n\r\ny = 2\r\n", ["x", "y"], ""),
        ("x = 1\ry = 2\r\r", ["x", "y"], "\r"),
        ('x = """\ny = 1\n"""; z = 2\n', ["x, z"], ""),
        ("x = 1 \\\n\ny = 2\n", ["x", "y"], ""),
        ("def f():\n  'a'\n\x0c\ndef g(): pass\n", ["f", "g"], ""),
        ("x = '\u2028 \x0b'\ny = 1\n", ["x", "y"], ""),
        ("async def test_x(): pass\n", ["test_x"], ""),
        ("from . import a as b\nimport a.b as c, d.e\n", ["from .", "import a.b as c, d.e"], ""),
        ("if x:\n    import json\nfor i in []: pass\n", ["json", "i"], ""),
        ("x = 1\nx = 2\n", ["x", "x (2)"], ""),
        pytest.param(f"x = 0x{'f' * 9000}\n", ["x"], "", id="huge"),
        ("x = lambda: (y := 1)\n", ["x"], ""),
    ],
)
def test_unusual_modules_are_taken_apart(source: str, keys: list[str], tail: str) -> None:
    found = parts.split(source)
    assert [part.key for part in found.parts] == keys
    assert (found.tail, found.text()) == (tail, source)


@pytest.mark.parametrize(
    ("source", "where"), [("x = 1\ny = (\n", "line 2"), ("x = '\ud800'", "script")]
)
def test_what_is_no_python_is_refused(source: str, where: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parts.split(source)
    assert caught.value.where == where


def test_what_is_nested_too_deep_is_refused() -> None:
    """Python parses what cannot be walked without going as deep as it is."""
    source = "x = " + " + ".join(["1"] * 1500)
    parts.parse(source)
    with pytest.raises(InvalidInputError, match="too deeply"):
        parts.split(source)


LINES = st.sampled_from(
    [
        *(
            "x = 1",
            "y = 2; z = 3",
            "def f():",
            "    pass",
            "    # inner",
            "# outer",
            "",
            "  ",
            "\x0c",
        ),
        *("@mark", "class C:", "    '''said", "'''", "if x:", "z = (", ")", "a = 1 \\", '"text"'),
    ]
)


@settings(max_examples=300, deadline=None, database=None)
@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_no_python_loses_a_byte(lines: list[str], end: str, ends: bool) -> None:  # noqa: FBT001 - given by Hypothesis
    source = end.join(lines) + end * ends
    try:
        found = parts.split(source)
    except InvalidInputError:
        return
    assert found.text() == source
    assert len({part.key for part in found.parts}) == len(found.parts)
    assert all(not part.gap.strip() and part.text.strip() for part in found.parts)
