"""What the library keeps: books, members and loans in memory, the same at every start."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

#: New members get ids derived from this, so that two starts give the same ones.
MEMBER_NAMESPACE = uuid.UUID("2f0a6f0e-2d0b-4f57-9a55-7c1d5a0b9e10")


@dataclass(frozen=True, slots=True)
class Book:
    """A book that can be lent."""

    id: int
    title: str
    author: str
    year: int
    genre: str
    added_on: dt.date
    isbn: str | None = None
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may borrow."""

    id: str
    name: str
    email: str
    joined_on: dt.date
    level: str = "reader"


@dataclass(frozen=True, slots=True)
class Loan:
    """A book in the hands of a member."""

    id: str
    book_id: int
    member_id: str
    lent_on: dt.date
    due_on: dt.date
    returned_on: dt.date | None = None

    def status(self, today: dt.date) -> str:
        """One of open, overdue, returned."""
        if self.returned_on is not None:
            return "returned"
        return "overdue" if self.due_on < today else "open"


@dataclass(slots=True)
class Library:
    """Everything the demo remembers; safe to use from several threads."""

    today: Callable[[], dt.date]
    books: dict[int, Book] = field(default_factory=dict)
    #: Ids of books that were here once.
    withdrawn: set[int] = field(default_factory=set)
    members: dict[str, Member] = field(default_factory=dict)
    loans: dict[str, Loan] = field(default_factory=dict)
    #: The loan that each idempotency key made.
    loan_of_key: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def shelf(self) -> list[Book]:
        """The books that are not withdrawn, in the order of their ids."""
        return [book for book in list(self.books.values()) if book.id not in self.withdrawn]

    def book(self, book_id: int) -> Book | None:
        """The book, unless it never was here or is withdrawn."""
        return None if book_id in self.withdrawn else self.books.get(book_id)

    def add_book(self, facts: Mapping[str, Any]) -> Book:
        """Put a new book on the shelf."""
        with self._lock:
            return self._put_book(len(self.books) + 1, self.today(), facts)

    def replace_book(self, book: Book, facts: Mapping[str, Any]) -> Book:
        """Give a book other facts; what is left out falls back to its default."""
        with self._lock:
            return self._put_book(book.id, book.added_on, facts)

    def change_book(self, book: Book, facts: Mapping[str, Any]) -> Book:
        """Give a book some other facts; what is left out stays."""
        with self._lock:
            self.books[book.id] = replace(book, **facts)
            return self.books[book.id]

    def _put_book(self, book_id: int, added_on: dt.date, facts: Mapping[str, Any]) -> Book:
        self.books[book_id] = Book(id=book_id, added_on=added_on, **facts)
        return self.books[book_id]

    def enrol(self, facts: Mapping[str, Any]) -> Member:
        """Take a new member in."""
        with self._lock:
            member_id = str(uuid.uuid5(MEMBER_NAMESPACE, str(len(self.members))))
            self.members[member_id] = Member(id=member_id, joined_on=self.today(), **facts)
            return self.members[member_id]

    def lend(self, book_id: int, member_id: str, *, days: int, key: str) -> Loan:
        """Lend a book for some days; a repeated key gives the loan it made before."""
        with self._lock:
            if key not in self.loan_of_key:
                today = self.today()
                loan_id = f"L-{len(self.loans) + 1:04}"
                due_on = today + dt.timedelta(days=days)
                self.loans[loan_id] = Loan(loan_id, book_id, member_id, today, due_on)
                self.loan_of_key[key] = loan_id
            return self.loans[self.loan_of_key[key]]

    def take_back(self, loan: Loan) -> Loan:
        """End a loan; one that has ended stays as it is."""
        with self._lock:
            if loan.returned_on is None:
                self.loans[loan.id] = replace(loan, returned_on=self.today())
            return self.loans[loan.id]


def opened(today: Callable[[], dt.date]) -> Library:
    """A library with the books, members and loans that the description's examples name."""
    library = Library(today=today)
    library.books = {book.id: book for book in BOOKS}
    library.members = {member.id: member for member in MEMBERS}
    library.loans = {loan.id: loan for loan in LOANS}
    return library


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


_START = _day("2024-01-08")

BOOKS = (
    Book(
        1, "The Salt Road", "Mira Okafor", 1994, "novel", _START, "9781400000014",
        ("desert", "travel"),
    ),
    Book(2, "A Short History of Bridges", "Tomas Wieland", 1998, "history", _START),
    Book(3, "Copper Minds", "Lena Sorokin", 2003, "science-fiction", _START, tags=("robots",)),
    Book(4, "The Sea Keeps Time", "Paolo Venn", 1971, "poetry", _START, "9781400000045"),
    Book(5, "Otter Goes to School", "Hana Mori", 2011, "children", _START, tags=("animals",)),
    Book(6, "Tables of Tides", "Tomas Wieland", 1952, "history", _START),
)  # fmt: skip

MEMBERS = (
    Member(
        "6f1b4c1e-8f0a-4a52-9a0c-2d3e4f5a6b71", "Aiko Brandt", "aiko@example.org",
        _day("2024-01-10"),
    ),
    Member(
        "b2d94f06-3b7e-4d0c-8f7a-51c2a9e0d412", "Emil Castro", "emil@example.org",
        _day("2024-01-11"), "friend",
    ),
    Member(
        "d7c05a83-64f9-4c1b-b1de-0e9f8a7b6c53", "Rosa Lindqvist", "rosa@example.org",
        _day("2024-03-02"),
    ),
)  # fmt: skip

LOANS = (
    Loan("L-0001", 1, MEMBERS[0].id, _day("2024-02-01"), _day("2024-02-15"), _day("2024-02-12")),
    Loan("L-0002", 5, MEMBERS[1].id, _day("2024-03-01"), _day("2024-03-15")),
    Loan("L-0003", 3, MEMBERS[1].id, _day("2024-03-01"), _day("2024-03-15")),
    Loan("L-0004", 2, MEMBERS[2].id, _day("2024-03-04"), _day("2124-03-04")),
)
