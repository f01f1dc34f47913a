from __future__ import annotations

import textwrap

import pytest

from worker import promise


def test_the_checks_in_plain_sight_are_promised_with_their_intents() -> None:
    script = textwrap.dedent(
        '''
        import pytest
        from elsewhere import test_imported

        @pytest.fixture(scope="module")
        def test_data(): ...

        @fixture
        def test_more_data(): ...

        @pytest.mark.parametrize("n", [1])
        def test_a(n):
            """What it proves."""

        async def test_b(): ...

        def helper():
            def test_inner(): ...

        class TestGroup:
            limit = 1
            def test_c(self): "In a class."
            class TestInner:
                def test_d(self): ...

        class Other:
            def test_e(self): ...

        if True:
            def test_f(): ...
        '''
    )
    assert promise.read(script).intents == {
        "test_a": "What it proves.",
        "test_b": "",
        "TestGroup::test_c": "In a class.",
        "TestGroup::TestInner::test_d": "",
    }


def test_the_difference_is_said_in_words() -> None:
    told = promise.read("def test_a(): 'A.'\ndef test_b(): ...")
    assert told.difference(("test_a[1]", "test_a[2]", "test_b")) == ""
    assert told.difference(("test_a", "test_x")) == "missing: test_b; added: test_x"
    assert told.intent("test_a[1]") == "A."
    assert told.intent("test_x") == ""


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("", "defines no check"),
        ("def test_a(:", r"SyntaxError: .* \(line 1\)"),
        ("x = '\0'", "cannot be parsed|SyntaxError"),
        ("(" * 5000, "cannot be parsed|SyntaxError"),
        ("x = " + "-" * 50_000 + "1", "cannot be parsed|SyntaxError"),
        ("#" * (promise.SCRIPT_LIMIT + 1), "more than"),
    ],
    ids=["empty", "syntax", "null", "brackets", "deep", "long"],
)
def test_a_text_that_is_no_module_is_refused(script: str, message: str) -> None:
    with pytest.raises(promise.BrokenModuleError, match=message):
        promise.read(script)


def test_where_only_some_checks_are_to_run_no_others_are_promised() -> None:
    told = promise.read("def test_a(): ...\ndef test_b(): ...").of_only(("test_a[1]",))
    assert told.difference(("test_a[1]",)) == ""
    assert told.difference(("test_a[2]",)) == "missing: test_a[1]; added: test_a[2]"
