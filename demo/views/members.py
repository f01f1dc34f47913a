"""Operations on members."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, request

from demo import wire
from demo.library import Library
from demo.problems import not_found


def list_members(library: Library) -> Response:
    """List the members."""
    return wire.page([asdict(member) for member in list(library.members.values())])


def create_member(library: Library) -> Response:
    """Enrol a member."""
    member = library.enrol(wire.body("NewMember"))
    return wire.answer(asdict(member), 201, headers=[("Location", f"{request.path}/{member.id}")])


def read_member(library: Library, memberId: str) -> Response:  # noqa: N803 - the description's name
    """Read one member; the case of hexadecimal digits does not matter (RFC 9562)."""
    member = library.members.get(memberId.lower())
    if member is None:
        raise not_found("member", memberId)
    return wire.answer(asdict(member))
