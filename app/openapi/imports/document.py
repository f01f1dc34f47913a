"""Tells samples as an OpenAPI 3.1 document: what is the same operation becomes one.

The document only says what a sample can say. A parameter is not required because it was sent, a
value has no other value's type, and besides the answers that were kept any other may come.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

from app.openapi import contents, limits
from app.openapi.imports import credentials, paths, shapes
from app.openapi.imports.samples import Answer, Kept, Payload, Remark, Sample, Scheme
from app.openapi.tree import Json

_PARAMETER = re.compile(r"\{([^{}]+)\}")
#: Headers that say how to talk or who talks to whom: the client's business, not the operation's.
_CLIENTS_HEADERS = frozenset(
    {"accept", "accept-charset", "accept-encoding", "accept-language", "cache-control"}
    | {"connection", "content-encoding", "content-length", "content-type", "date", "dnt", "expect"}
    | {"from", "host", "if-modified-since", "if-none-match", "keep-alive", "origin", "pragma"}
    | {"postman-token", "priority", "range", "referer", "te", "traceparent", "tracestate"}
    | {"trailer", "transfer-encoding", "upgrade", "upgrade-insecure-requests", "user-agent", "via"}
    | {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-requested-with"}
)
_CLIENTS_PREFIXES = ("sec-", ":", "proxy-", "cf-", "x-b3-")
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"})


def told(kept: Kept) -> tuple[dict[str, Json], tuple[Remark, ...]]:
    """The document, and what of the samples it does not tell."""
    remarks = list(kept.remarks)
    samples = [_prepared(sample, remarks) for sample in kept.samples[: limits.MAX_SAMPLES]]
    if more := len(kept.samples) - len(samples):
        remarks.append(Remark("#", f"{more} more requests are not looked at."))
    main = _main_origin(samples)
    operations: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples:
        if reason := _objection(sample, main):
            remarks.append(Remark(sample.pointer, f"The request is left out: {reason}."))
        else:
            _join(operations, sample)
    document: dict[str, Json] = {
        "openapi": "3.1.0",
        "info": {
            "title": kept.title,
            "version": kept.version,
            "description": kept.description,
        },
        "paths": _paths(operations),
    }
    if main:
        document["servers"] = [{"url": main}]
    schemes = {each.name: each for every in operations.values() for each in _schemes(every)}
    document["components"] = {
        "securitySchemes": {name: dict(each.definition) for name, each in schemes.items()}
    }
    return document, tuple(remarks)


def _prepared(sample: Sample, remarks: list[Remark]) -> Sample:
    """A sample without what proves who was asking."""
    headers, by_header = credentials.of_headers(sample.headers)
    query, by_query = credentials.of_query(sample.query)
    schemes = {each.name: each for each in (*sample.schemes, *by_header, *by_query)}
    if by_header or by_query:
        message = "Credentials are left out; give them with the environment, or as --header."
        remarks.append(Remark(sample.pointer, message))
    body = sample.body
    if body:
        body, secret = credentials.without_secrets(body)
        if secret:
            message = f"Secrets in the body are left out; '{credentials.PLACEHOLDER}' is sent."
            remarks.append(Remark(sample.pointer, message))
    prepared = replace(sample, headers=headers, query=query, body=body)
    return replace(prepared, schemes=tuple(schemes.values()))


def _main_origin(samples: Sequence[Sample]) -> str:
    """The origin most samples ask, the first of equals; empty where none is known."""
    counted = Counter(sample.origin for sample in samples if sample.origin)
    return max(counted, key=counted.__getitem__) if counted else ""


def _objection(sample: Sample, main: str) -> str:
    if sample.method not in _METHODS:
        return f"the method '{sample.method[:20]}' has no place in OpenAPI 3.1"
    if len(sample.path) > limits.MAX_PATH_LENGTH:
        return f"its path is longer than {limits.MAX_PATH_LENGTH} characters"
    if sample.origin and sample.origin != main:
        return f"it asks {urlsplit(sample.origin).netloc[:100]}, most others ask another host"
    return ""


def _join(operations: dict[tuple[str, str], list[Sample]], sample: Sample) -> None:
    """Put a sample with those of its operation: the same path but for the parameters' names."""
    path, values = paths.templated(sample.path)
    found = replace(sample, path=path, path_values={**sample.path_values, **values})
    key = (sample.method, _PARAMETER.sub("{}", path))
    others = operations.setdefault(key, [])
    if others:
        names = dict(zip(_PARAMETER.findall(path), _PARAMETER.findall(others[0].path), strict=True))
        renamed = {names[name]: value for name, value in found.path_values.items() if name in names}
        found = replace(found, path=others[0].path, path_values=renamed)
    others.append(found)


def _paths(operations: dict[tuple[str, str], list[Sample]]) -> dict[str, Json]:
    """Paths that differ in the names of parameters only would be one; the first names count."""
    spelled: dict[str, str] = {}
    items: dict[str, dict[str, Json]] = {}
    for (method, form), samples in operations.items():
        path = spelled.setdefault(form, samples[0].path)
        names = dict(
            zip(_PARAMETER.findall(samples[0].path), _PARAMETER.findall(path), strict=True)
        )
        items.setdefault(path, {})[method.lower()] = _operation(samples, names)
    return {path: item for path, item in items.items()}  # noqa: C416 - an object is any JSON


def _operation(samples: Sequence[Sample], names: dict[str, str]) -> dict[str, Json]:
    first = samples[0]
    operation: dict[str, Json] = {
        "summary": next((each.title for each in samples if each.title), ""),
        "description": next((each.description for each in samples if each.description), ""),
        "tags": list(dict.fromkeys(tag for each in samples for tag in each.tags)),
        "parameters": [*_path_parameters(samples, names), *_other_parameters(samples)],
        "responses": _responses(samples),
    }
    if first.method not in {"GET", "HEAD", "TRACE"} and (found := _contents(samples)):
        operation["requestBody"] = {"content": found}
    asked = {tuple(each.name for each in sample.schemes): None for sample in samples}
    if any(asked):
        # A credential that was sent need not have been asked for: `{}` is among the alternatives.
        alternatives: list[Json] = [{name: [] for name in names} for names in asked if names]
        operation["security"] = [{}, *alternatives]
    return operation


def _schemes(samples: Sequence[Sample]) -> Iterator[Scheme]:
    for sample in samples:
        yield from sample.schemes


def _path_parameters(samples: Sequence[Sample], names: dict[str, str]) -> Iterator[Json]:
    for name, spelled in names.items():
        values = [each.path_values[name] for each in samples if each.path_values.get(name)]
        yield _parameter(spelled, "path", values, required=True)


def _other_parameters(samples: Sequence[Sample]) -> Iterator[Json]:
    query: dict[str, list[str]] = {}
    headers: dict[str, list[str]] = {}
    for sample in samples:
        for name, value in sample.query:
            query.setdefault(name, []).append(value)
        for name in sample.unset_query:
            query.setdefault(name, [])
        for name, value in sample.headers:
            if not _is_clients(name):
                headers.setdefault(name, []).append(value)
    for name, values in query.items():
        yield _parameter(name, "query", values)
    for name, values in headers.items():
        yield _parameter(name, "header", values)


def _is_clients(name: str) -> bool:
    return name.lower() in _CLIENTS_HEADERS or name.lower().startswith(_CLIENTS_PREFIXES)


def _parameter(name: str, location: str, values: list[str], *, required: bool = False) -> Json:
    given = list(dict.fromkeys(values))[: limits.MAX_EXAMPLES]
    parameter: dict[str, Json] = {"name": name, "in": location, "required": required, "schema": {}}
    if given:
        parameter["examples"] = {str(number): {"value": each} for number, each in enumerate(given)}
    return parameter


def _contents(samples: Sequence[Sample]) -> dict[str, Json]:
    by_type: dict[str, list[Payload]] = {}
    for sample in samples:
        if sample.body and sample.body.media_type:
            by_type.setdefault(_essence(sample.body.media_type), []).append(sample.body)
    return {media_type: _content(payloads) for media_type, payloads in by_type.items()}


def _content(payloads: Sequence[Payload]) -> dict[str, Json]:
    """A body as all that were sent show it; examples are those that lack nothing, if any."""
    schema = shapes.shape_of([value for payload in payloads for value in _values(payload)])
    for name in _files(payloads) if "properties" in schema else ():
        schema["properties"] = {**_object(schema["properties"]), name: dict(_FILE)}
    lacking = {payload: [*payload.needs, *_files([payload])] for payload in payloads}
    whole = [payload for payload in payloads if not lacking[payload]]
    values = [value for payload in whole or payloads for value in _values(payload)]
    needs: list[Json] = list(dict.fromkeys(name for names in lacking.values() for name in names))
    return {"schema": schema, **_examples(values), **({} if whole else {contents.NEEDS: needs})}


#: A part of a form that is a file, as OpenAPI 3.0 spells it.
_FILE = {"type": "string", "format": "binary"}


def _files(payloads: Sequence[Payload]) -> Iterator[str]:
    for payload in payloads:
        yield from (each.name for each in payload.fields if each.is_file)


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _examples(values: Sequence[Json]) -> dict[str, Json]:
    unique = {json.dumps(value, sort_keys=True): value for value in values}
    given = list(unique.values())[: limits.MAX_EXAMPLES]
    numbered: dict[str, Json] = {
        str(number): {"value": value} for number, value in enumerate(given)
    }
    return {"examples": numbered} if numbered else {}


def _values(payload: Payload) -> Iterator[Json]:
    """The value of a body as OpenAPI sees it: JSON, a form's object, or text."""
    media_type = _essence(payload.media_type)
    if media_type in _FORMS:
        yield _form(payload)
    elif media_type.endswith(("/json", "+json")):
        try:
            yield json.loads(payload.text)
        except (ValueError, RecursionError):
            return
    elif payload.text:
        yield payload.text


def _form(payload: Payload) -> dict[str, Json]:
    """A field that comes more than once is a list."""
    values: dict[str, list[Json]] = {}
    for each in payload.fields:
        values.setdefault(each.name, []).append(each.value)
    return {name: every if len(every) > 1 else every[0] for name, every in values.items()}


def _responses(samples: Sequence[Sample]) -> dict[str, Json]:
    """The answers that were kept but for errors of the server, which nobody documents by meeting.

    With `default`: a sample says what was answered, and not what else may be.
    """
    answers: dict[int, list[Answer]] = {}
    for sample in samples:
        for answer in sample.answers:
            if _OK <= answer.status < _SERVER_ERROR and answer.status != HTTPStatus.NOT_MODIFIED:
                answers.setdefault(answer.status, []).append(answer)
    told: dict[str, Json] = {str(status): _response(each) for status, each in answers.items()}
    return {**told, "default": {"description": "Any other answer."}}


_OK, _SERVER_ERROR = 200, 500
#: RFC 9110, sections 15.3.5 and 15.3.6.
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT})


def _response(answers: Sequence[Answer]) -> dict[str, Json]:
    by_type: dict[str, list[Json]] = {}
    for answer in answers:
        # An answer without a body may name a media type, and says nothing by it.
        if answer.payload and answer.payload.media_type and answer.status not in _BODILESS:
            values = by_type.setdefault(_essence(answer.payload.media_type), [])
            values.extend(_values(answer.payload))
    description = next((each.description for each in answers if each.description), "")
    response: dict[str, Json] = {"description": description}
    if by_type:
        response["content"] = {
            name: {"schema": shapes.top_of(values)} for name, values in by_type.items()
        }
    return response


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()
