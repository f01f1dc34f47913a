"""Seals what travels over Kafka but holds secrets: compressed, encrypted, authenticated.

Fernet (AES-128-CBC with HMAC-SHA256) over zlib. The key is shared by the web and runner processes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib

from cryptography.fernet import Fernet, InvalidToken

from app.errors import InvalidInputError

#: What a sealed plan may unpack to; a bomb ends here.
MAX_BYTES = 64 * 1024**2


class Seal:
    """Closes and opens sealed values with one key derived from a secret of any length."""

    def __init__(self, secret: str) -> None:
        digest = hashlib.sha256(b"testops-seal:" + secret.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))

    def close(self, value: object) -> str:
        """Seal a JSON value."""
        packed = zlib.compress(json.dumps(value, separators=(",", ":")).encode())
        return self._fernet.encrypt(packed).decode()

    def open(self, sealed: str) -> bytes:
        """The JSON text inside; raises InvalidInputError where the seal is broken."""
        try:
            packed = self._fernet.decrypt(sealed.encode())
        except InvalidToken as error:
            raise InvalidInputError(
                "The seal is broken.",
                where="sealed value",
                hint="Do all processes have the same TESTOPS_SECRET_KEY?",
            ) from error
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(packed, MAX_BYTES)
        if unpacker.unconsumed_tail:
            raise InvalidInputError(f"The sealed value holds more than {MAX_BYTES} bytes.")
        return text
