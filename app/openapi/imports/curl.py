"""Reads curl command lines, as browsers, API consoles and manuals give them.

No file that a command line names is read: it is somebody else's command line.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote_plus

from app.openapi.imports import addresses, curl_options, words
from app.openapi.imports.samples import FormField, Kept, Payload, Remark, Sample

_FORM = "application/x-www-form-urlencoded"
_BEGINNING = re.compile(r"(?:\s++|#[^\n]*+\n|[$%>]\s)*+curl(?:\.exe)?\s")
#: curl's own quotes around the value of a field, and what may follow it.
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"(?:;.*)?', re.DOTALL)
_FIELD_OPTION = re.compile(r";(?:type|filename|headers|encoder)=")
#: A place for a value, as manuals write them in an address: $ID, ${ID}, <id> or :id.
_PLACE = re.compile(r"\$(\w+)|\$\{(\w+)\}|<([^<>/]+)>|:([A-Za-z_]\w*)")


#: Where what is answered or sent goes, or comes from: "> x", "2>/dev/null", "<x".
_REDIRECTION = re.compile(r"[0-9]?(?:>>?|<)(?P<file>[^>]*)")


def is_command_line(text: str) -> bool:
    """Whether a text begins with a curl command, a prompt or comments before it aside."""
    return bool(_BEGINNING.match(text))


def read(text: str) -> Kept:
    """The requests of the command lines in a text; ValueError for a quote that is left open."""
    samples: list[Sample] = []
    remarks: list[Remark] = []
    for number, command in enumerate(words.commands(words.unfolded(text)), start=1):
        prompts = 1 if command[0] in {"$", "%", ">"} else 0
        if command[prompts : prompts + 1] not in (["curl"], ["curl.exe"]):
            continue
        line = _Line(f"#command-{number}")
        line.read(command[prompts + 1 :])
        samples.extend(line.samples())
        remarks.extend(line.remarks)
    hosts = [sample.origin.partition("://")[2] for sample in samples if sample.origin]
    title = f"Requests to {Counter(hosts).most_common(1)[0][0]}" if hosts else "Requests"
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
    query: list[str] = field(default_factory=list)
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
            elif redirection := _REDIRECTION.fullmatch(word):
                _ = redirection["file"] or next(waiting, None)
            else:
                self.urls.append(word)

    def _short(self, letters: str, waiting: Iterator[str]) -> None:
        """Short options in one word: the first that takes a word takes the rest of it."""
        for place, letter in enumerate(letters, start=1):
            if letter in curl_options.SHORT:
                self._option(curl_options.SHORT[letter], letters[place:] or None, waiting)
                return
            self._flag({"G": "--get", "I": "--head"}.get(letter, ""))

    def _option(self, name: str, given: str | None, waiting: Iterator[str]) -> None:
        """An option by its long name; the word it takes stands beside it or comes next."""
        takers = self._takers()
        if name not in takers and name not in curl_options.SKIPPED:
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
            "--url-query": self._url_query,
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
        name, equals, _ = text.partition("=")
        if not equals and "@" in name:
            self._leave_out(name.partition("@")[2])
        else:
            self.data.append(_encoded(text))

    def _url_query(self, text: str) -> None:
        self.query.append(text[1:] if text.startswith("+") else _encoded(text))

    def _json(self, text: str) -> None:
        self.is_json = True
        self._data(text)

    def _form(self, text: str) -> None:
        name, _, value = text.partition("=")
        is_file = value.startswith(("@", "<"))
        self.fields.append(FormField(name, "" if is_file else _unquoted(value), is_file))

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
            address = addresses.read(url)
            if address.origin or "/" in url:
                yield self._sample(address)
            else:
                message = f"'{url[:100]}' is left out: it is no address."
                self.remarks.append(Remark(self.pointer, message))

    def _sample(self, address: addresses.Address) -> Sample:
        body = self._body()
        added = [*self.query, *(self.data if self.in_query else ())]
        given = parse_qsl("&".join(filter(None, [address.query, *added])), keep_blank_values=True)
        open_ = {name for name, value in given if _PLACE.fullmatch(value)}
        return Sample(
            method=self.method or ("POST" if body else "GET"),
            origin=address.origin,
            path="/".join(_segment(each) for each in address.path.split("/")),
            pointer=self.pointer,
            query=tuple(pair for pair in given if pair[0] not in open_),
            unset_query=tuple(dict.fromkeys(name for name, _ in given if name in open_)),
            headers=tuple(self.headers),
            body=body,
        )

    def _body(self) -> Payload | None:
        if self.fields:
            return Payload("multipart/form-data", fields=tuple(self.fields))
        if not (self.data or self.files) or self.in_query:
            return None
        given = next((value for name, value in self.headers if name.lower() == "content-type"), "")
        text = ("" if self.is_json else "&").join(self.data)
        # What is sent as a form, curl's default, and reads as JSON was meant as that.
        is_json = self.is_json or text.lstrip().startswith(("{", "["))
        media_type = given or ("application/json" if is_json else _FORM)
        needs = tuple(self.files)
        if media_type.partition(";")[0].strip().lower() != _FORM:
            return Payload(media_type, text, needs=needs)
        pairs = parse_qsl(text, keep_blank_values=True)
        return Payload(media_type, fields=tuple(FormField(*pair) for pair in pairs), needs=needs)


def _segment(text: str) -> str:
    """A segment of a path, a place for a value spelled as OpenAPI does."""
    found = _PLACE.fullmatch(text)
    return f"{{{next(filter(None, found.groups()))}}}" if found else text


def _encoded(text: str) -> str:
    """What curl makes of "name=value", "=value" and "value"."""
    name, equals, value = text.partition("=")
    return f"{name}={quote_plus(value)}" if equals and name else quote_plus(value or name)


def _unquoted(text: str) -> str:
    """The value of a field of a form, without its quotes and what is told of it."""
    found = _QUOTED.fullmatch(text)
    return re.sub(r"\\(.)", r"\1", found[1]) if found else _FIELD_OPTION.split(text)[0]
