import pytest
from confluent_kafka import Producer

from bridge.transport.clients import made
from bridge.transport.errors import OptionError


def test_what_librdkafka_refuses_is_an_option_error_without_the_password() -> None:
    with pytest.raises(
        OptionError, match=r'transport option: No such .*property: "lingr\.ms"'
    ) as it:
        made(Producer, {"lingr.ms": 1, "sasl.password": "geheim"})
    assert "geheim" not in str(it.value)
    assert made(dict, {"a": 1}) == {"a": 1}
