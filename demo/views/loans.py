"""Operations on loans."""

from __future__ import annotations

import hmac
from dataclasses import asdict

from flask import Response, request

from demo import wire
from demo.library import Library, Loan
from demo.problems import Complaint, ProblemError, not_found, unprocessable

#: The key of the one protected operation; the description tells it, so it is no secret.
LIBRARIAN_KEY = "librarian"

#: How long a book is lent where the request does not say.
DEFAULT_DAYS = 14


def list_loans(library: Library) -> Response:
    """List the loans in all or one status."""
    status = wire.text("status", "LoanStatus")
    loans = [_shown(library, loan) for loan in list(library.loans.values())]
    return wire.page([loan for loan in loans if status in (None, loan["status"])])


def create_loan(library: Library) -> Response:
    """Lend a book to a member."""
    key = wire.required("Idempotency-Key", request.headers.get("Idempotency-Key"), "IdempotencyKey")
    wanted = wire.body("NewLoan")
    book_id, member_id = wanted["book_id"], wanted["member_id"].lower()
    _check_parties(library, book_id, member_id)
    days = wanted.get("days", DEFAULT_DAYS)
    loan = library.lend(int(book_id), member_id, days=int(days), key=key.lower())
    location = ("Location", f"{request.path}/{loan.id}")
    return wire.answer(_shown(library, loan), 201, headers=[location])


def read_loan(library: Library, loanId: str) -> Response:  # noqa: N803 - the description's name
    """Read one loan."""
    return wire.answer(_shown(library, _loan(library, loanId)))


def return_loan(library: Library, loanId: str) -> Response:  # noqa: N803 - the description's name
    """Bring a book back; once more changes nothing."""
    return wire.answer(_shown(library, library.take_back(_loan(library, loanId))))


def report_overdue(library: Library) -> Response:
    """Tell a librarian what should have come back by now."""
    given = request.headers.get("X-Api-Key", "")
    if not hmac.compare_digest(given.encode(), LIBRARIAN_KEY.encode()):
        raise ProblemError(
            401,
            "The header X-Api-Key must hold the librarian's key.",
            headers={"WWW-Authenticate": 'ApiKey realm="library"'},
        )
    loans = [_shown(library, loan) for loan in list(library.loans.values())]
    overdue = [loan for loan in loans if loan["status"] == "overdue"]
    return wire.answer({"as_of": library.today(), "loans": overdue})


def _check_parties(library: Library, book_id: float, member_id: str) -> None:
    complaints = []
    if library.book(int(book_id)) is None:
        complaints.append(Complaint("/book_id", f"there is no book {book_id}"))
    if member_id not in library.members:
        complaints.append(Complaint("/member_id", f"there is no member {member_id}"))
    if complaints:
        raise unprocessable(complaints)


def _loan(library: Library, identifier: str) -> Loan:
    loan = library.loans.get(identifier)
    if loan is None:
        raise not_found("loan", identifier)
    return loan


def _shown(library: Library, loan: Loan) -> dict[str, object]:
    return {**asdict(loan), "status": loan.status(library.today())}
