"""Reads curl command lines, as browsers, API consoles and manuals give them.

No file that a command line names is read: it is somebody else's command line.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote_plus

from app.openapi.imports import addresses, words
from app.openapi.imports.samples import FormField, Kept, Payload, Remark, Sample

_FORM = "application/x-www-form-urlencoded"
_BEGINNING = re.compile(r"(?:\s|#[^\n]*\n|[$%>]\s)*curl(?:\.exe)?\s")
#: Options that take a word which says nothing about the request.
_SKIPPED = frozenset(
    {"--cacert", "--capath", "--cert", "--ciphers", "--config", "--connect-timeout", "--cookie-jar"}
    | {"--dump-header", "--interface", "--key", "--limit-rate", "--max-redirs", "--max-time"}
    | {"--noproxy", "--output", "--output-dir", "--pass", "--proxy", "--proxy-user", "--range"}
    | {"--resolve", "--retry", "--retry-delay", "--retry-max-time", "--stderr", "--trace"}
    | {"--trace-ascii", "--user-agent", "--referer", "--write-out", "--tls-max", "--cert-type"}
    | {"--connect-to", "--unix-socket", "--continue-at", "--quote"}
)
#: The long names of the short options that take a word.
_SHORT = {
    "A": "--user-agent",
    "b": "--cookie",
    "c": "--cookie-jar",
    "C": "--continue-at",
    "d": "--data",
    "D": "--dump-header",
    "e": "--referer",
    "E": "--cert",
    "F": "--form",
    "H": "--header",
    "K": "--config",
    "m": "--max-time",
    "o": "--output",
    "Q": "--quote",
    "r": "--range",
    "T": "--upload-file",
    "u": "--user",
    "U": "--proxy-user",
    "w": "--write-out",
    "x": "--proxy",
    "X": "--request",
}


def is_command_line(text: str) -> bool:
    """Whether a text begins with a curl command, a prompt or comments before it aside."""
    return bool(_BEGINNING.match(text))


def read(text: str) -> Kept:
    """The requests of the command lines in a text; ValueError for a quote that is left open."""
    samples: list[Sample] = []
    remarks: list[Remark] = []
    for number, command in enumerate(words.commands(text), start=1):
        prompts = 1 if command[0] in {"$", "%", ">"} else 0
        if command[prompts : prompts + 1] not in (["curl"], ["curl.exe"]):
            continue
        line = _Line(f"#command-{number}")
        line.read(command[prompts + 1 :])
        samples.extend(line.samples())
        remarks.extend(line.remarks)
    hosts = [sample.origin.partition("://")[2] for sample in samples if sample.origin]
    title = f"Requests to {max(hosts, key=hosts.count)}" if hosts else "Requests"
    return Kept(title, tuple(samples), tuple(remarks))


@dataclass(slots=True)
class _Line:
    """What the options of one command line add up to."""

    pointer: str
    urls: list[str] = field(default_factory=list)
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    fields: list[FormField] = field(default_factory=list)
    in_query: bool = False
    #: Files that are sent, and not read.
    files: list[str] = field(default_factory=list)
    is_json: bool = False
    remarks: list[Remark] = field(default_factory=list)

    def read(self, arguments: list[str]) -> None:
        """Take over the options and addresses, in order."""
        waiting = iter(arguments)
        for word in waiting:
            if word.startswith("--") and len(word) > len("--"):
                name, equals, value = word.partition("=")
                self._option(name, value if equals else None, waiting)
            elif word.startswith("-") and len(word) > 1:
                self._short(word[1:], waiting)
            else:
                self.urls.append(word)

    def _short(self, letters: str, waiting: Iterator[str]) -> None:
        """Short options in one word: the first that takes a word takes the rest of it."""
        for place, letter in enumerate(letters, start=1):
            if letter in _SHORT:
                self._option(_SHORT[letter], letters[place:] or None, waiting)
                return
            self._flag({"G": "--get", "I": "--head"}.get(letter, ""))

    def _option(self, name: str, given: str | None, waiting: Iterator[str]) -> None:
        """An option by its long name; the word it takes stands beside it or comes next."""
        takers = self._takers()
        if name not in takers and name not in _SKIPPED:
            self._flag(name)
            return
        value = next(waiting, None) if given is None else given
        if value is None:
            self.remarks.append(Remark(self.pointer, f"The option {name} has no value."))
        elif name in takers:
            takers[name](value)

    def _flag(self, name: str) -> None:
        if name == "--get":
            self.in_query = True
        elif name == "--head":
            self.method = self.method or "HEAD"

    def _takers(self) -> dict[str, Callable[[str], None]]:
        return {
            "--url": self.urls.append,
            "--request": self._request,
            "--header": self._header,
            "--data": self._data,
            "--data-ascii": self._data,
            "--data-binary": self._data,
            "--data-raw": self.data.append,
            "--data-urlencode": self._data_urlencode,
            "--json": self._json,
            "--form": self._form,
            "--form-string": self._form_string,
            "--upload-file": self._upload,
            "--user": self._user,
            "--oauth2-bearer": lambda token: self.headers.append(
                ("Authorization", f"Bearer {token}")
            ),
            "--cookie": lambda text: self.headers.append(("Cookie", text)),
        }

    def _request(self, method: str) -> None:
        self.method = method.upper()

    def _header(self, text: str) -> None:
        name, colon, value = text.partition(":")
        if colon and name.strip():
            self.headers.append((name.strip(), value.strip()))

    def _data(self, text: str) -> None:
        if text.startswith("@"):
            self._leave_out(text[1:])
        else:
            self.data.append(text)

    def _data_urlencode(self, text: str) -> None:
        name, equals, value = text.partition("=")
        if not equals and "@" in name:
            self._leave_out(name.partition("@")[2])
        elif equals:
            self.data.append(f"{name}={quote_plus(value)}" if name else quote_plus(value))
        else:
            self.data.append(quote_plus(name))

    def _json(self, text: str) -> None:
        self.is_json = True
        self._data(text)

    def _form(self, text: str) -> None:
        name, _, value = text.partition("=")
        is_file = value.startswith(("@", "<"))
        self.fields.append(FormField(name, "" if is_file else value, is_file))

    def _form_string(self, text: str) -> None:
        name, _, value = text.partition("=")
        self.fields.append(FormField(name, value))

    def _user(self, text: str) -> None:
        proof = base64.b64encode(text.encode()).decode()
        self.headers.append(("Authorization", f"Basic {proof}"))

    def _upload(self, name: str) -> None:
        self.method = self.method or "PUT"
        self._leave_out(name)

    def _leave_out(self, name: str) -> None:
        self.files.append(name)
        message = f"The file '{name[:100]}' is not read; the request has no body from it."
        self.remarks.append(Remark(self.pointer, message))

    def samples(self) -> Iterator[Sample]:
        """A request for each address."""
        if not self.urls:
            self.remarks.append(Remark(self.pointer, "The command line has no address."))
        for url in self.urls:
            yield self._sample(addresses.read(url))

    def _sample(self, address: addresses.Address) -> Sample:
        body = self._body()
        query = address.query
        if self.in_query:
            query = "&".join(filter(None, [query, *self.data]))
        return Sample(
            method=self.method or ("POST" if body else "GET"),
            origin=address.origin,
            path=address.path,
            pointer=self.pointer,
            query=tuple(parse_qsl(query, keep_blank_values=True)),
            headers=tuple(self.headers),
            body=body,
        )

    def _body(self) -> Payload | None:
        if self.fields:
            return Payload("multipart/form-data", fields=tuple(self.fields))
        if not (self.data or self.files) or self.in_query:
            return None
        given = next((value for name, value in self.headers if name.lower() == "content-type"), "")
        media_type = given or ("application/json" if self.is_json else _FORM)
        text = ("" if self.is_json else "&").join(self.data)
        needs = tuple(self.files)
        if media_type.partition(";")[0].strip().lower() != _FORM:
            return Payload(media_type, text, needs=needs)
        pairs = parse_qsl(text, keep_blank_values=True)
        return Payload(media_type, fields=tuple(FormField(*pair) for pair in pairs), needs=needs)
