import pytest

from app.openapi.imports import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", [["a", "b"]]),
        ("a 'b c'd \"e f\"", [["a", "b cd", "e f"]]),
        ("a \\\n b ^\r\n c", [["a", "b", "c"]]),
        ("a\\ b", [["a b"]]),
        ('"a\\"b\\n" "x\\\ny"', [['a"b\\n', "xy"]]),
        (r"$'it\'s\n\x41\u00e9\101'", [["it's\nAéA"]]),
        ("$a #b c#d\n# all\nf", [["$a"], ["f"]]),
        ("a#b $'' ''", [["a#b", "", ""]]),
        ("a; b && c | d & e\n\n", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("a \\", [["a", "\\"]]),
        ("a\r\nb\xa0c\rd", [["a"], ["b", "c", "d"]]),
        ("", []),
    ],
)
def test_a_script_is_split_as_a_shell_splits_it(text: str, expected: list[list[str]]) -> None:
    assert list(words.commands(text)) == expected


def test_a_quote_that_is_left_open_is_an_error_with_its_line() -> None:
    with pytest.raises(ValueError, match="left open in line 2"):
        list(words.commands("a\n 'b"))
