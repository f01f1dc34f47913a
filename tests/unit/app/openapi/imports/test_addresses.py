import pytest

from app.openapi.imports import addresses
from app.openapi.imports.addresses import Address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "https://a.example:8443/v1/pets?x=1#y",
            Address("https://a.example:8443", "/v1/pets", "x=1"),
        ),
        ("a.example//pets/", Address("http://a.example", "/pets/")),
        ("http://user:word@a.example", Address("http://a.example", "/")),
        ("http://[::1]:80/x", Address("http://[::1]:80", "/x")),
        ("ftp://a.example/x", Address("", "/x")),
        ("http://a b/x", Address("", "/x")),
        ("http://a:port/x", Address("", "/x")),
        ("/only/a/path", Address("", "/only/a/path")),
    ],
)
def test_an_address_is_taken_apart(text: str, expected: Address) -> None:
    assert addresses.read(text) == expected
