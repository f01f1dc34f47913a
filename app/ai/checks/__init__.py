"""The kinds of check, one file each; a kind says what it proves, what it sends, what it expects.

To add a kind: write a module with `checks(found) -> Iterator[Check]` beside these and put it into
`KINDS` in `app.ai.offline`.
"""
