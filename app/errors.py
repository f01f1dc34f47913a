"""Every error the platform raises on purpose.

PlatformError
├── InvalidInputError        what was given breaks a rule; the caller can mend it
│   ├── DescriptionError     an API description cannot be read
│   └── CursorError          a page is asked for by something that is no cursor
├── NotFoundError            no such thing, or not the caller's to see
├── ConflictError            the state does not allow it now
├── AuthenticationError      who is asking is not known
├── ForbiddenError           who is asking may not
├── TargetError              the tested API cannot be reached
└── UnavailableError         one of our own parts is away; trying again may help
"""

from __future__ import annotations


class PlatformError(Exception):
    """What was asked could not be done.

    `where` names the place (a JSON pointer, a field, a file), `hint` says what to do about it.
    `permanent` is false where the same request may succeed later.
    """

    permanent = True

    def __init__(self, detail: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """One line: what, where and what to do."""
        place = f" (at {self.where})" if self.where else ""
        return f"{self.detail}{place}{f' {self.hint}' if self.hint else ''}"


class InvalidInputError(PlatformError):
    """What was given breaks a rule that its sender can mend."""


class DescriptionError(InvalidInputError):
    """An API description cannot be read as a whole."""


class CursorError(InvalidInputError):
    """A page of a list is asked for by something that is no cursor of it."""


class NotFoundError(PlatformError):
    """There is no such thing, or the caller may not know of it."""


class ConflictError(PlatformError):
    """The present state does not allow what was asked."""


class AuthenticationError(PlatformError):
    """Who is asking is not known."""


class ForbiddenError(PlatformError):
    """Who is asking may not do this."""


class TargetError(PlatformError):
    """The tested API cannot be reached."""


class UnavailableError(PlatformError):
    """One of the platform's own parts does not answer now."""

    permanent = False
