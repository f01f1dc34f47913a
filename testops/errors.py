"""What the SDK raises when it could not tell; a broken rule of the API is an AssertionError.

SdkError
├── ContractError    the contract cannot be used: the check cannot be decided
└── TargetError      the tested API could not be reached
"""

from __future__ import annotations


class SdkError(Exception):
    """A check could not be decided; whether the API is right remains open."""


class ContractError(SdkError):
    """The contract is missing, unreadable, or holds a schema that cannot be used."""


class TargetError(SdkError):
    """The tested API could not be reached, or did not answer in time."""
