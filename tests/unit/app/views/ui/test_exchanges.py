import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.results import Exchange, Message
from app.views.ui import exchanges

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_json_is_laid_out_over_lines() -> None:
    assert exchanges.laid_out('{"a":[1,{"b":null}],"c":{},"d":[]}') == (
        '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "c": {},\n  "d": []\n}'
    )


@given(VALUES)
def test_laying_out_is_what_the_standard_library_does(value: object) -> None:
    compact = json.dumps(value, separators=(",", ":"))
    assert exchanges.laid_out(compact) == json.dumps(value, indent=2)


@pytest.mark.parametrize("body", ["", "<p>no JSON</p>", '{"cut": "of', "[" * 16_000])
def test_what_is_no_json_stays_as_it_came(body: str) -> None:
    assert exchanges.laid_out(body) == body


def test_evidence_is_not_rewritten() -> None:
    """Repeated keys, number forms and escapes are shown as they went over the wire."""
    body = '{"a": 1.00, "a": 1e400, "b": "\\u00e4\\/"}'
    assert exchanges.laid_out(body) == '{\n  "a": 1.00,\n  "a": 1e400,\n  "b": "\\u00e4\\/"\n}'


def test_very_deep_json_stays_as_it_came() -> None:
    body = "[" * 31 + "]" * 31
    assert exchanges.laid_out(body) == body


def test_stored_exchanges_come_back_with_bodies_laid_out() -> None:
    sent = Message((("accept", "*/*"),), "")
    answered = Exchange("GET", "http://a/b", sent, 200, Message((), "[1]", truncated=True), 0.5)
    silent = Exchange("GET", "http://a/c", sent, None, None, 1.0, error="refused")
    shown = exchanges.shown(json.loads(json.dumps([asdict(answered), asdict(silent)])))
    assert [one.response.body if one.response else None for one in shown] == ["[\n  1\n]", None]
    assert shown[1] == silent
