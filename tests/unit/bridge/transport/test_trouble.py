import pytest
from confluent_kafka import KafkaError

from bridge.transport.trouble import Trouble, explain, plain

REFUSED = KafkaError(
    KafkaError._TRANSPORT, "one:9092/bootstrap: Connect to ipv4#1:9092 failed: Connection refused"
    " (after 0ms in state CONNECT)",
)  # fmt: skip
DOWN = KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down")
LATE = KafkaError(KafkaError._MSG_TIMED_OUT)


class Clock:
    """A clock that the test turns."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def trouble(clock: Clock) -> Trouble:
    return Trouble(clock=clock)


@pytest.mark.parametrize(
    ("code", "text", "todo"),
    [
        (KafkaError._RESOLVE, "Failed to resolve 'one:9092'", "there is no such host"),
        (KafkaError._TRANSPORT, "Connection refused", "nothing listens there"),
        (KafkaError._AUTHENTICATION, "Invalid username or password", "correct the user"),
        (KafkaError._AUTHENTICATION, "Unsupported SASL mechanism", "set sasl.mechanism"),
        (KafkaError._AUTHENTICATION, "not valid in current SASL state", "asks for no password"),
        (KafkaError._SSL, "certificate verify failed", "ssl.ca.location"),
        (KafkaError._TRANSPORT, "ssl/tls alert bad certificate", "ssl.certificate.location"),
        (KafkaError._SSL, "verify that security.protocol is right", "whether it wants TLS"),
        (KafkaError._TRANSPORT, "SSL connection closed by peer", "does not speak TLS"),
        (KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down", "whether it wants TLS"),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, "not authorised", "allow this user to describe"),
        (KafkaError.GROUP_AUTHORIZATION_FAILED, "not authorised", "read and describe the group"),
    ],
)
def test_an_error_says_what_to_do(code: int, text: str, todo: str) -> None:
    said = explain(KafkaError(code, text))
    assert said.startswith(f"{text}; ")
    assert todo in said


def test_an_error_without_advice_is_said_as_it_is() -> None:
    assert explain(KafkaError(KafkaError._FAIL, "so it is (after 3ms in state UP)")) == "so it is"


def test_a_call_that_ran_out_of_time_tells_the_cause(trouble: Trouble) -> None:
    trouble.hear(REFUSED)
    trouble.hear(DOWN)
    said = trouble.because(LATE)
    assert said.startswith("Local: Message timed out: one:9092/bootstrap: Connect to")
    assert said.endswith("or correct the port in the broker URL")


def test_what_is_said_of_all_brokers_is_a_cause_where_there_is_no_other(trouble: Trouble) -> None:
    trouble.hear(DOWN)
    trouble.hear(DOWN)
    assert "1/1 brokers are down" in trouble.because(LATE)
    trouble.hear(REFUSED)
    assert "Connection refused" in trouble.because(LATE)


def test_an_error_with_a_cause_of_its_own_is_not_given_another(trouble: Trouble) -> None:
    trouble.hear(REFUSED)
    large = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)
    assert trouble.because(large) == large.str()


def test_old_trouble_is_no_cause(trouble: Trouble, clock: Clock) -> None:
    assert trouble.because(LATE) == LATE.str()
    trouble.hear(REFUSED)
    clock.now += 61
    assert trouble.because(LATE) == LATE.str()
    trouble.hear(DOWN)
    assert "brokers are down" in trouble.because(LATE)


def test_the_same_trouble_is_told_once_a_minute(clock: Clock) -> None:
    told: list[str] = []
    trouble = Trouble(told.append, clock=clock)
    for _ in range(3):
        trouble.hear(REFUSED)
        trouble.hear(DOWN)
    assert len(told) == 2
    clock.now += 61
    trouble.hear(REFUSED)
    assert len(told) == 3


def test_who_has_other_options_says_it_in_other_words() -> None:
    told: list[str] = []
    trouble = Trouble(told.append, say=plain)
    trouble.hear(REFUSED)
    assert told == ["one:9092/bootstrap: Connect to ipv4#1:9092 failed: Connection refused"]
    assert trouble.because(LATE) == f"{plain(LATE)}: {told[0]}"
