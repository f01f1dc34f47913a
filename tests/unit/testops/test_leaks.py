from __future__ import annotations

import time

import pytest

from testops import leaks


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('Traceback (most recent call last):\n  File "x.py"', "stack trace"),
        ("Boom\n\tat com.example.Shop.sell(Shop.java:12)", "stack trace"),
        ("Error: x\n    at Layer.handle (/srv/node_modules/layer.js:95:5)", "stack trace"),
        ("Error: x\n    at /srv/index.mjs:9:1", "stack trace"),
        ("   at Shop.Sell() in C:\\src\\Shop.cs:line 12", "stack trace"),
        ('{"detail": "Boom\\n   at Shop.Sell() in C:/src/Shop.cs:line 12"}', "stack trace"),
        ("panic: x\n\ngoroutine 1 [running]:", "stack trace"),
        ("#0 /srv/index.php(12): sell()", "stack trace"),
        ("/srv/shop.rb:12:in `sell'", "stack trace"),
        ("-----BEGIN RSA PRIVATE KEY-----", "private key"),
        ("-----BEGIN PRIVATE KEY-----", "private key"),
        ("cannot reach postgresql://shop:secret@db/shop", "password"),
    ],
)
def test_what_must_not_be_given_away_is_found(text: str, what: str) -> None:
    assert leaks.found_in(text) == what


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"title": "Not found", "detail": "There is no book at line 3."}',
        "See https://example.com/errors#404 at any time",
        "Write to http://example.com:8080/path?mail=a@example.com",
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_what_errors_say_otherwise_is_let_pass(text: str) -> None:
    assert leaks.found_in(text) == ""


@pytest.mark.parametrize("unit", ["\n", " ", " at ", "a://", "a:", "#1 .php("])
def test_no_text_makes_the_search_slow(unit: str) -> None:
    start = time.process_time()

    assert leaks.found_in(unit * 100_000) == ""

    assert time.process_time() - start < 5
