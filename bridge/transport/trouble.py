"""What is wrong between a client and its brokers, in words that say what to do about it.

librdkafka tells of hosts, certificates and passwords beside the calls that wait for them; the
calls themselves only run out of time. So a client's `error_cb` is `Trouble.hear`, and whoever
reports that a call failed asks `Trouble` for the cause.
"""

# ruff: noqa: SLF001 - librdkafka's own errors have public names with an underscore
from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Final

from confluent_kafka import KafkaError, KafkaException

#: What was heard so long ago says nothing about a call that fails now.
_FRESH_SECONDS: Final = 60.0

#: How long librdkafka was in which state.
_AFTER: Final = re.compile(r"\s*\(after .*\)$")


class Cause(Enum):
    """What somebody can mend."""

    NO_HOST = auto()
    MECHANISM = auto()
    NO_PASSWORD_WANTED = auto()
    CREDENTIALS = auto()
    #: The broker speaks another way than we do.
    PROTOCOL = auto()
    OUR_CERTIFICATE = auto()
    THEIR_CERTIFICATE = auto()
    NO_TLS = auto()
    NOBODY_LISTENS = auto()
    #: None can be reached, or each ends the connection.
    ALL_AWAY = auto()
    TOPIC_RIGHTS = auto()
    GROUP_RIGHTS = auto()


#: Codes of an error and a part of its text, and what is behind it; the first that fits counts.
_SIGNS: Final[tuple[tuple[tuple[int, ...], str, Cause], ...]] = (
    ((KafkaError._RESOLVE,), "", Cause.NO_HOST),
    ((KafkaError._AUTHENTICATION,), "Unsupported SASL mechanism", Cause.MECHANISM),
    ((KafkaError._AUTHENTICATION,), "not valid in current SASL state", Cause.NO_PASSWORD_WANTED),
    ((KafkaError._AUTHENTICATION,), "", Cause.CREDENTIALS),
    ((KafkaError._SSL, KafkaError._TRANSPORT), "security.protocol", Cause.PROTOCOL),
    ((KafkaError._SSL, KafkaError._TRANSPORT), "alert", Cause.OUR_CERTIFICATE),
    ((KafkaError._SSL,), "certificate", Cause.THEIR_CERTIFICATE),
    ((KafkaError._SSL, KafkaError._TRANSPORT), "SSL", Cause.NO_TLS),
    ((KafkaError._TRANSPORT,), "refused", Cause.NOBODY_LISTENS),
    ((KafkaError._ALL_BROKERS_DOWN,), "", Cause.ALL_AWAY),
    ((KafkaError.TOPIC_AUTHORIZATION_FAILED,), "", Cause.TOPIC_RIGHTS),
    ((KafkaError.GROUP_AUTHORIZATION_FAILED,), "", Cause.GROUP_RIGHTS),
)

_WANTS_MORE: Final = (
    "check the port, and whether it wants TLS or a password (security.protocol in the transport "
    "option kafka)"
)
#: What to do about each cause, where transport options may be to blame.
REMEDIES: Final[Mapping[Cause, str]] = {
    Cause.NO_HOST: "there is no such host: correct the broker URL, or the name service",
    Cause.MECHANISM: (
        "set sasl.mechanism in the transport option kafka to one that the broker has"
    ),
    Cause.NO_PASSWORD_WANTED: (
        "this port asks for no password: leave the user out of the broker URL, or name the port "
        "that does"
    ),
    Cause.CREDENTIALS: (
        "correct the user, the password or sasl.mechanism (broker URL, transport option kafka)"
    ),
    Cause.PROTOCOL: _WANTS_MORE,
    Cause.OUR_CERTIFICATE: (
        "the broker refuses our certificate: set ssl.certificate.location and ssl.key.location in "
        "the transport option kafka"
    ),
    Cause.THEIR_CERTIFICATE: (
        "the broker's certificate is not trusted: name its authority's file as ssl.ca.location in "
        "the transport option kafka"
    ),
    Cause.NO_TLS: (
        "this port does not speak TLS: name the one that does, or set security.protocol in the "
        "transport option kafka"
    ),
    Cause.NOBODY_LISTENS: (
        "nothing listens there: start the broker, or correct the port in the broker URL"
    ),
    Cause.ALL_AWAY: f"they cannot be reached or end the connection: {_WANTS_MORE}",
    Cause.TOPIC_RIGHTS: (
        "allow this user to describe, read and write the topic, and to create it or set the "
        "transport option topic_creation to 'verify'"
    ),
    Cause.GROUP_RIGHTS: (
        "allow this user to read and describe the group (transport option group_id)"
    ),
}
#: All that these say is that nobody answered.
_WITHOUT_CAUSE: Final = frozenset(
    [
        KafkaError._TIMED_OUT,
        KafkaError._MSG_TIMED_OUT,
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
    ]
)
#: Said of all brokers together, after what was said of one.
_GENERAL: Final = KafkaError._ALL_BROKERS_DOWN


def plain(error: KafkaError) -> str:
    """An error in words that are the same each time it happens."""
    return _AFTER.sub("", error.str())


def explain(error: KafkaError, todo: Mapping[Cause, str] = REMEDIES) -> str:
    """An error and what to do about it; in these words, since not all are told of options."""
    text = plain(error)
    for codes, part, cause in _SIGNS:
        if error.code() in codes and part in text:
            return f"{text}; {todo[cause]}"
    return text


def of(error: KafkaException) -> KafkaError:
    """What librdkafka's exception is about."""
    found: KafkaError = error.args[0]
    return found


class Trouble:
    """What a client has heard of its brokers, in the words of `say`. Thread-safe."""

    def __init__(
        self,
        tell: Callable[[str], None] = lambda _: None,
        *,
        say: Callable[[KafkaError], str] = explain,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._say = say
        self._clock = clock
        self._heard: dict[str, float] = {}
        self._cause: tuple[float, KafkaError] | None = None
        self._lock = threading.Lock()

    def hear(self, error: KafkaError) -> None:
        """Note an error; `tell` hears each text once a minute."""
        now, text = self._clock(), self._say(error)
        with self._lock:
            is_new = now - self._heard.get(text, -_FRESH_SECONDS) >= _FRESH_SECONDS
            if is_new:
                self._heard[text] = now
            if self._is_better(error, now):
                self._cause = (now, error)
        if is_new:
            self._tell(text)

    def because(self, error: KafkaError) -> str:
        """Why a call failed: its own error; the cause too where one without was heard lately."""
        with self._lock:
            cause = self._cause
        is_fresh = cause is not None and self._clock() - cause[0] <= _FRESH_SECONDS
        if cause is None or not is_fresh or error.code() not in _WITHOUT_CAUSE:
            return self._say(error)
        return f"{self._say(error)}: {self._say(cause[1])}"

    def _is_better(self, error: KafkaError, now: float) -> bool:
        """Whether an error says more than the one that is kept, or that one is old."""
        if self._cause is None or now - self._cause[0] > _FRESH_SECONDS:
            return True
        return error.code() != _GENERAL or self._cause[1].code() == _GENERAL
