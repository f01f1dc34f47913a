"""Handing mail in at a server, and what its answers mean."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from app.domain.channels import Address
from app.errors import InvalidInputError, PlatformError
from bridge.notifiers.mail import MailNotifier, Security, server_of
from tests.fakes.mail_server import MailServer
from tests.unit.bridge.notifiers.sent import LINK, message

TO = Address("ada@example.com,bob@example.com")


def notifier(server: MailServer, user: str = "", seconds: float = 20.0) -> MailNotifier:
    url = f"smtp+plain://{user}127.0.0.1:{server.port}?from=testops@example.com"
    return MailNotifier(server_of(url), total_seconds=seconds)


def refused(answers: dict[str, str], user: str = "", seconds: float = 20.0) -> PlatformError:
    with MailServer(answers) as server, pytest.raises(PlatformError) as caught:
        notifier(server, user, seconds).send(TO, message())
    assert "s3cret" not in str(caught.value)
    return caught.value


def test_a_letter_arrives_with_everything_in_it() -> None:
    with MailServer() as server:
        notifier(server, "us%40er:s3%2Fcret@").send(TO, message("Pets: é\n1 failed"))
    [letter] = server.letters
    assert server.recipients == ["ada@example.com", "bob@example.com"]
    assert server.users == [("us@er", "s3/cret")]
    assert letter["Subject"] == "Pets: é 1 failed"
    assert letter["From"] == "testops@example.com"
    assert letter["To"] == "ada@example.com, bob@example.com"
    assert letter["Message-ID"] == "<message-1@example.com>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().replace("\r", "") == f"- GET /a test_b_c: no\n{LINK}\n"


@pytest.mark.parametrize(
    ("answers", "said", "is_permanent"),
    [
        ({"MAIL": "550 no"}, "550: it does not accept the sender", True),
        ({"MAIL": "451 later"}, "451: it does not accept the sender", False),
        ({"RCPT": "550 no"}, "550: it accepts none of the recipients", True),
        ({"RCPT": "450 full"}, "450: it accepts none of the recipients", False),
        ({"DATA": "554 spam"}, "554: it does not accept the message", True),
        ({"": "421 busy"}, "421", False),
        ({"EHLO": "hang up"}, "ended the connection", False),
        (
            {"RCPT TO:<BOB@EXAMPLE.COM>": "550 no"},
            "Only some got it; refused was: bob@example.com",
            True,
        ),
    ],
)
def test_the_first_digit_of_an_answer_says_whether_trying_again_can_help(
    answers: dict[str, str], said: str, *, is_permanent: bool
) -> None:
    error = refused(answers)
    assert said in str(error)
    assert error.permanent is is_permanent


def test_a_password_that_is_not_accepted_is_told_without_it() -> None:
    error = refused({"AUTH": "535 s3cret is wrong"}, "ada:s3cret@")
    assert "it does not accept the user and password" in str(error)
    assert error.permanent


def test_a_server_that_is_not_there_or_says_nothing_may_be_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    away = MailNotifier(server_of(f"smtp+plain://127.0.0.1:{port}?from=a@b.test"))
    with pytest.raises(PlatformError, match="ConnectionRefusedError") as caught:
        away.send(TO, message())
    assert not caught.value.permanent
    began = time.monotonic()
    assert not refused({"MAIL": "be silent"}, seconds=0.3).permanent
    assert time.monotonic() - began < 10


def test_a_server_without_tls_is_told_nothing_where_tls_is_wanted() -> None:
    with MailServer() as server:
        url = f"smtp://ada:s3cret@127.0.0.1:{server.port}?from=a@b.test"
        with pytest.raises(InvalidInputError, match="it cannot do what is asked"):
            MailNotifier(server_of(url)).send(TO, message())
    assert server.users == []
    assert server.letters == []


def test_tls_is_spoken_from_the_first_byte_where_that_is_wanted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard: list[bytes] = []

        def listen() -> None:
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(1))

        thread = threading.Thread(target=listen)
        thread.start()
        url = f"smtps://127.0.0.1:{server.getsockname()[1]}?from=a@b.test"
        with pytest.raises(PlatformError) as caught:
            MailNotifier(server_of(url)).send(TO, message())
        thread.join()
    assert not caught.value.permanent
    # The record of a handshake (RFC 8446, section 5.1).
    assert heard == [b"\x16"]


def test_starttls_secures_the_rest() -> None:
    """The fake has no certificate: that its command comes before everything else is looked at."""
    with MailServer({"STARTTLS": "454 not now"}) as server:
        server.offers = ("STARTTLS", "AUTH PLAIN")
        url = f"smtp://ada:s3cret@127.0.0.1:{server.port}?from=a@b.test"
        with pytest.raises(PlatformError, match="454"):
            MailNotifier(server_of(url)).send(TO, message())
    assert server.users == []


def test_without_a_server_no_mail_is_sent() -> None:
    with pytest.raises(InvalidInputError, match="TESTOPS_SMTP_URL"):
        MailNotifier(None).send(TO, message())


def test_the_url_of_a_server_is_read() -> None:
    read = server_of("smtps://ada:s3cret@mail.test?from=testops@example.com")
    assert (read.host, read.port, read.security) == ("mail.test", 465, Security.TLS)
    assert (read.user, read.password, read.sender) == ("ada", "s3cret", "testops@example.com")
    assert server_of("smtp://mail.test?from=a@b.test").port == 587
    assert server_of("smtp+plain://mail.test:2525?from=a@b.test").port == 2525
    assert "s3cret" not in repr(read)


@pytest.mark.parametrize(
    "url",
    ["mail.test", "http://mail.test", "smtp://mail.test", "smtp://?from=a@b.test",
     "smtp://mail.test:s3cret?from=a@b.test", "smtp://ada:s3cret@mail.test?from=me"],
)  # fmt: skip
def test_another_url_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        server_of(url)
    assert caught.value.where == "TESTOPS_SMTP_URL"
    assert "s3cret" not in str(caught.value)


def test_an_answer_that_means_nothing_special_is_a_refusal() -> None:
    assert "it refused" in str(refused({"EHLO": "500 no", "HELO": "500 no"}))
