"""Operations on books."""

from __future__ import annotations

import re
from dataclasses import asdict

from flask import Response, request

from demo import wire
from demo.library import Book, Library
from demo.problems import not_found

#: A search shows no more than this.
MOST_FOUND = 20


def search_books(library: Library) -> Response:
    """Find books by a word of the title or the author."""
    word = wire.required("q", wire.arguments().get("q"), "Word").casefold()
    found = [b for b in library.shelf() if word in f"{b.title}\n{b.author}".casefold()]
    items = [asdict(book) for book in found[:MOST_FOUND]]
    return wire.answer({"items": items, "total": len(found)})


def list_books(library: Library) -> Response:
    """List the books of all or one genre."""
    genre = wire.text("genre", "Genre")
    return wire.page([asdict(b) for b in library.shelf() if genre in (None, b.genre)])


def create_book(library: Library) -> Response:
    """Add a book."""
    book = library.add_book(wire.body("NewBook"))
    return wire.answer(asdict(book), 201, headers=[("Location", f"{request.path}/{book.id}")])


def read_book(library: Library, bookId: str) -> Response:  # noqa: N803 - the description's name
    """Read one book."""
    return wire.answer(asdict(_book(library, bookId)))


def replace_book(library: Library, bookId: str) -> Response:  # noqa: N803 - the description's name
    """Replace a book."""
    book = _book(library, bookId)
    return wire.answer(asdict(library.replace_book(book, wire.body("NewBook"))))


def change_book(library: Library, bookId: str) -> Response:  # noqa: N803 - the description's name
    """Change some facts of a book."""
    book = _book(library, bookId)
    return wire.answer(asdict(library.change_book(book, wire.body("BookChange"))))


def withdraw_book(library: Library, bookId: str) -> Response:  # noqa: N803 - the description's name
    """Withdraw a book; once more changes nothing."""
    number = _number(bookId)
    if number not in library.books:
        raise not_found("book", bookId)
    library.withdrawn.add(number)
    return Response(status=204)


def _book(library: Library, identifier: str) -> Book:
    book = library.book(_number(identifier))
    if book is None:
        raise not_found("book", identifier)
    return book


def _number(identifier: str) -> int:
    """The id as a number; 0, which no book has, where it is none."""
    return int(identifier) if re.fullmatch(r"[0-9]{1,18}", identifier) else 0
