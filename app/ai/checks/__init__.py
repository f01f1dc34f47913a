"""The kinds of check, one file each; a kind says what it proves, what it sends, what it expects.

To add a kind: write a module with `checks(found) -> Iterator[Check]` beside these and put it into
`KINDS` in `app.ai.offline`. To add a value that is varied: a module with `variations(place)`, put
into `_KINDS` in `varied_inputs`.
"""
