"""Reads Postman collections, versions 2.0 and 2.1 (schema.postman.com)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl

from app.openapi.imports import addresses, credentials, paths, postman_bodies, variables
from app.openapi.imports.samples import Answer, Kept, Pairs, Payload, Remark, Sample, Scheme
from app.openapi.imports.variables import Variables, entries, is_disabled, text
from app.openapi.tree import Json, Node, prose

_HTTP_AUTH = frozenset({"basic", "bearer", "digest", "hawk", "ntlm"})
_Folder = tuple[Node, tuple[str, ...], tuple[Scheme, ...]]


def is_collection(tree: Json) -> bool:
    """Whether a document is a collection, itself or as Postman's own API wraps it."""
    root = _root(tree)
    information = root.get("info")
    return isinstance(information, dict) and "name" in information and "item" in root


def read(tree: Json) -> Kept:
    """The requests of a collection, folder by folder."""
    root = Node("", _root(tree))
    reader = _Collection(variables.of_collection(root.get("variable")))
    samples = tuple(reader.samples(root))
    information = root.get("info")
    return Kept(
        title=text(information, "name") or "Untitled collection",
        samples=samples,
        remarks=tuple(reader.remarks),
        description=_description(information),
        version=text(information, "version"),
    )


def _root(tree: Json) -> dict[str, Json]:
    value = tree.get("collection", tree) if isinstance(tree, dict) else {}
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class _Collection:
    variables: Variables
    remarks: list[Remark] = field(default_factory=list)

    def samples(self, root: Node) -> Iterator[Sample]:
        """Every request below the root; the folder it lies in is its tag."""
        pending: list[_Folder] = [(root, (), _schemes(root, ()))]
        while pending:
            folder, tags, schemes = pending.pop()
            below: list[_Folder] = []
            for item in _elements(folder, "item"):
                inherited = _schemes(item, schemes)
                if item.get("item"):
                    below.append((item, tuple(filter(None, [text(item, "name")])), inherited))
                elif request := item.get("request"):
                    yield self._sample(item, request, tags, inherited)
            pending.extend(reversed(below))

    def _sample(
        self, item: Node, request: Node, tags: tuple[str, ...], inherited: tuple[Scheme, ...]
    ) -> Sample:
        if isinstance(request.value, str):
            request = item.child("request", {"url": request.value})
        url = request.get("url") or request.child("url", "")
        address = self._address(url)
        query, unset = self._query(url, address)
        body = postman_bodies.of_request(request, self.variables)
        sample = Sample(
            method=(text(request, "method") or "GET").upper(),
            origin=address.origin,
            path=address.path,
            pointer=request.pointer,
            query=query,
            unset_query=unset,
            headers=self._headers(request),
            path_values={**self._path_values(url), **address.path_values},
            body=body,
            answers=tuple(self._answers(item)),
            schemes=_schemes(request, inherited),
            title=text(item, "name"),
            description=_description(request) or _description(item),
            tags=tags,
        )
        self._note_unknown(request, body)
        return sample

    def _address(self, url: Node) -> addresses.Address:
        """Where a request goes; a variable may bring a part of the path: {{base}} = host/v1."""
        raw = url.value if isinstance(url.value, str) else text(url, "raw") or _joined(url)
        before, _, query = raw.partition("?")
        place, path = addresses.split(before)
        if self.variables.unknown(place):
            origin, lead = "", ""
        else:
            place, lead = addresses.split(self.variables.filled(place))
            origin = addresses.origin_of(place)
        segments = [self._segment(segment) for segment in path.split("/")]
        values = {name[1:-1]: value for name, value in segments if value}
        template = "/".join(name for name, _ in segments)
        whole = addresses.path_of(f"{lead.rstrip('/')}{template}")
        return addresses.Address(origin, whole, query, values)

    def _segment(self, segment: str) -> tuple[str, str]:
        """A segment of a path as OpenAPI spells it, and the value where it is a parameter."""
        if segment.startswith(":") and len(segment) > 1:
            return f"{{{segment[1:]}}}", ""
        name = variables.sole(segment)
        value = self.variables.value(name) if name else ""
        if name and (value is None or paths.is_identifier(value)):
            return f"{{{name}}}", value or ""
        return self.variables.filled(segment), ""

    def _path_values(self, url: Node) -> dict[str, str]:
        return {
            name: self.variables.filled(value)
            for name, value in entries(url.get("variable"))
            if value and not self.variables.unknown(value)
        }

    def _query(self, url: Node, address: addresses.Address) -> tuple[Pairs, tuple[str, ...]]:
        """What is sent in the query, and the names of what could be."""
        listed = url.get("query")
        if listed is None:
            pairs = parse_qsl(address.query, keep_blank_values=True)
            return tuple((name, self.variables.filled(value)) for name, value in pairs), ()
        sent: list[tuple[str, str]] = []
        unset: list[str] = []
        for element in listed.elements():
            name, value = text(element, "key"), text(element, "value")
            if is_disabled(element) or self.variables.unknown(value):
                unset.append(name)
            else:
                sent.append((name, self.variables.filled(value)))
        return tuple(pair for pair in sent if pair[0]), tuple(filter(None, unset))

    def _headers(self, request: Node) -> Pairs:
        return tuple(
            (name, self.variables.filled(value))
            for name, value in entries(request.get("header"))
            if not self.variables.unknown(value) or credentials.is_secret(name)
        )

    def _answers(self, item: Node) -> Iterator[Answer]:
        """The saved answers: examples of what is right, given by whoever wrote the collection."""
        for element in _elements(item, "response"):
            code = element.value.get("code") if isinstance(element.value, dict) else None
            if not isinstance(code, int) or isinstance(code, bool):
                continue
            media_type = postman_bodies.header(element, "content-type")
            if not media_type and text(element, "_postman_previewlanguage") == "json":
                media_type = "application/json"
            saved = text(element, "body")
            payload = Payload(media_type, saved) if media_type and saved else None
            yield Answer(code, text(element, "name") or _phrase(code), payload)

    def _note_unknown(self, request: Node, body: Payload | None) -> None:
        """Tell which variables a body needs: their names stand in their place."""
        for name in body.needs if body else ():
            message = f"The variable '{name[:100]}' has no value; its name stands in its place."
            self.remarks.append(Remark(request.pointer, message))


def _elements(owner: Node, key: str) -> Iterator[Node]:
    listed = owner.get(key)
    return listed.elements() if listed else iter(())


def _joined(url: Node) -> str:
    """The address of a request whose parts alone were kept."""
    protocol, port = text(url, "protocol"), text(url, "port")
    host = ".".join(_texts(url, "host")) or text(url, "host")
    path = "/".join(_texts(url, "path")) or text(url, "path")
    lead = f"{protocol}://" if protocol else ""
    return f"{lead}{host}{f':{port}' if port else ''}/{path.lstrip('/')}"


def _texts(owner: Node, key: str) -> list[str]:
    return [text(each, "value") or prose(each.value) for each in _elements(owner, key)]


def _schemes(owner: Node, inherited: tuple[Scheme, ...]) -> tuple[Scheme, ...]:
    """How a request, a folder or the collection says who asks; null and silence inherit."""
    auth = owner.get("auth")
    kind = text(auth, "type")
    if auth is None or kind in {"", "inherit"}:
        return inherited
    if kind in _HTTP_AUTH:
        return (credentials.http(kind),)
    if kind in {"oauth2", "jwt"}:
        return (credentials.http("bearer"),)
    if kind == "apikey":
        settings = _settings(auth.get("apikey"))
        location = "query" if settings.get("in") == "query" else "header"
        return (credentials.key(location, settings.get("key") or "X-API-Key"),)
    return ()


def _settings(node: Node | None) -> dict[str, str]:
    """The settings of an auth: a list of keys and values in 2.1, an object in 2.0."""
    if node and isinstance(node.value, dict):
        return {each.token: prose(each.value) for each in node.items()}
    return dict(entries(node))


def _description(node: Node | None) -> str:
    """A description: text, or an object with the text in it."""
    return text(node, "description") or text(node.get("description") if node else None, "content")


def _phrase(code: int) -> str:
    return next((status.phrase for status in HTTPStatus if status == code), "")
