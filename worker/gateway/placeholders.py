"""What stands for a secret inside the case's process, and what the target gets instead.

A script that uses a secret handles its placeholder: a text of letters and digits, so that it comes
out of percent-encoding, JSON and forms as it went in. The gateway puts the value in its place on
the way to the target, in the spelling of the place: percent-encoded in the path and the query,
escaped in JSON, inside the Base64 of Basic credentials (RFC 7617). What comes back goes the other
way: where the target repeats a secret, the script sees the placeholder. Where the script sends no
placeholder, no secret is sent.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, quote_plus

from app.domain import redaction
from app.domain.redaction import MASK
from worker.gateway.rules import Headers
from worker.gateway.wire import Answer, Request

#: A shorter value is not taken out of what the target says: it would garble honest text.
_SHORTEST_ECHO = 8
#: Content codings that can be undone, and how `zlib` is told to make them again (RFC 9110 §8.4).
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
#: zlib's ways to read: the header of gzip or zlib, or none at all.
_ANY_HEADER, _NO_HEADER = 47, -15
#: A larger text is handed back as it came.
_UNPACKED_BYTES = 64 * 1024**2

#: A text in the spelling of some place.
_Spell = Callable[[str], str]
#: Text that may come back → what the script sees instead; longest first.
_Echoes = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Placeholders:
    """The secrets of one case by placeholder; and what else the target must not hand back."""

    #: Placeholder → value.
    values: Mapping[str, str]
    #: Name of a secret → its placeholder: what the script is told.
    names: Mapping[str, str]
    echoes: _Echoes

    @classmethod
    def of(cls, secrets: Mapping[str, str], *headers: Mapping[str, str], salt: str) -> Placeholders:
        """For the secrets of a plan, and the headers that carry its credentials, each user's."""
        names = {name: placeholder(name, salt) for name in secrets}
        values = {names[name]: value for name, value in secrets.items()}
        pairs = [(value, mark) for mark, value in values.items()]
        for name, value in (pair for each in headers for pair in each.items()):
            if redaction.is_secret_header(name):
                pairs += [(part, MASK) for part in redaction.credentials(name, value)]
        # Named secrets win: one that is a credential too comes back as its placeholder.
        return cls(values, names, _echoes(reversed(pairs)))

    def also(self, secret: str) -> Placeholders:
        """With another value that the target must not hand back, and that no script sends."""
        echoes = {**dict(_echoes([(secret, MASK)])), **dict(self.echoes)}
        return replace(self, echoes=_longest_first(echoes))

    def filled(self, request: Request) -> Request:
        """The request with values in place of placeholders."""
        if not self.values:
            return request
        body = self._body(request.headers, request.body)
        headers = tuple((name, self._header(value)) for name, value in request.headers)
        if len(body) != len(request.body):
            headers = _of_length(headers, len(body))
        path = self._swapped(request.path, _in_url)
        return replace(request, path=path, headers=headers, body=body)

    def emptied(self, answer: Answer) -> Answer:
        """The answer as the script sees it: nothing in it that only the target should know."""
        if not self.echoes:
            return answer
        headers = tuple(
            (name, self._without(value.encode("latin-1")).decode("latin-1"))
            for name, value in answer.headers
        )
        body = self._emptied_body(answer)
        if len(body) != len(answer.body):
            headers = _of_length(headers, len(body))
        return replace(answer, headers=headers, body=body)

    def _emptied_body(self, answer: Answer) -> bytes:
        coding = _value(answer.headers, "content-encoding").strip().lower()
        if coding not in _WINDOWS:
            return self._without(answer.body)
        text = _unpacked(answer.body)
        clean = self._without(text)
        if clean == text:
            return answer.body
        packer = zlib.compressobj(wbits=_WINDOWS[coding])
        return packer.compress(clean) + packer.flush()

    def _without(self, text: bytes) -> bytes:
        for secret, mark in self.echoes:
            text = text.replace(secret, mark)
        return text

    def _header(self, value: str) -> str:
        scheme, _, credential = value.partition(" ")
        if scheme.lower() == "basic":
            return f"{scheme} {self._pair(credential.strip())}"
        return self._swapped(value, _on_the_wire)

    def _pair(self, credential: str) -> str:
        """Basic credentials, with the values inside."""
        try:
            pair = base64.b64decode(credential, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return credential
        return base64.b64encode(self._swapped(pair, str).encode()).decode()

    def _body(self, headers: Headers, body: bytes) -> bytes:
        kind = _value(headers, "content-type").partition(";")[0].strip().lower()
        spell = next((how for end, how in _SPELLED.items() if kind.endswith(end)), str)
        for mark, value in self.values.items():
            body = body.replace(mark.encode(), spell(value).encode())
        return body

    def _swapped(self, text: str, spell: _Spell) -> str:
        for mark, value in self.values.items():
            text = text.replace(mark, spell(value))
        return text


def _echoes(pairs: Iterable[tuple[str, str]]) -> _Echoes:
    """What may come back of these values, and what is put in its place; later pairs win."""
    return _longest_first(
        {
            spelling.encode(): mark.encode()
            for value, mark in pairs
            if len(value) >= _SHORTEST_ECHO
            for spelling in redaction.spellings(value)
        }
    )


def _longest_first(echoes: Mapping[bytes, bytes]) -> _Echoes:
    return tuple(sorted(echoes.items(), key=lambda pair: -len(pair[0])))


def placeholder(name: str, salt: str) -> str:
    """What stands for a secret of this name; another salt gives another text."""
    digest = hashlib.sha256(f"{salt}\0{name}".encode()).hexdigest()
    return f"testopsSecret{digest[:24]}"


def _in_url(text: str) -> str:
    return quote(text, safe="")


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


#: How a body of a media type that ends so spells a text.
_SPELLED: Mapping[str, _Spell] = {
    "x-www-form-urlencoded": quote_plus,
    "json": _in_json,
    "xml": html.escape,
}


def _unpacked(body: bytes) -> bytes:
    """What was packed; nothing where that cannot be told, or is more than a secret could matter."""
    for window in (_ANY_HEADER, _NO_HEADER):
        unpacker = zlib.decompressobj(wbits=window)
        try:
            text = unpacker.decompress(body, _UNPACKED_BYTES)
        except zlib.error:
            continue
        return b"" if unpacker.unconsumed_tail else text
    return b""


def _on_the_wire(text: str) -> str:
    """UTF-8, each byte shown as one character, as headers are held."""
    return text.encode("utf-8", "replace").decode("latin-1")


def _value(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _of_length(headers: Headers, length: int) -> Headers:
    """The headers for a body of another length; a chunked one says none."""
    return tuple(
        (name, str(length) if name.lower() == "content-length" else value)
        for name, value in headers
    )
