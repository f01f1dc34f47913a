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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'curl -X PUT ^"https://a/x?a=1^&b=2^" ^\n --data-raw ^"^{^\\^"a^\\^": 1^}^\n\nz^"',
            'curl -X PUT "https://a/x?a=1&b=2"   --data-raw "{\\"a\\": 1}\nz"',
        ),
        ("curl http://a ^\n -d 'a^b'", "curl http://a ^\n -d 'a^b'"),
        (
            "curl -d @- http://a <<EOF | jq\n{'a'}\nEOF\nls",
            "curl -d '{'\\''a'\\''}' http://a  | jq\nls",
        ),
        ("curl -d @- <<-'END'\nx\n\tEND", "curl -d 'x' "),
        ("curl -d @- <<EOF\nnever ends", "curl -d @- <<EOF\nnever ends"),
    ],
)
def test_carets_and_here_documents_are_unfolded(text: str, expected: str) -> None:
    assert words.unfolded(text) == expected


def test_a_quote_that_is_left_open_is_an_error_with_its_line() -> None:
    with pytest.raises(ValueError, match="left open in line 2"):
        list(words.commands("a\n 'b"))
