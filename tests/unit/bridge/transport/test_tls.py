import ssl

import pytest

from bridge.transport.errors import OptionError
from bridge.transport.tls import properties


@pytest.mark.parametrize("prefix", ["", "ssl_"])
def test_the_words_of_celery_become_properties(prefix: str) -> None:
    words = {
        "ca_certs": "/ca",
        "certfile": "/certificate",
        "keyfile": "/key",
        "cert_reqs": ssl.CERT_REQUIRED,
        "check_hostname": True,
    }
    assert properties({prefix + word: value for word, value in words.items()}) == {
        "ssl.ca.location": "/ca",
        "ssl.certificate.location": "/certificate",
        "ssl.key.location": "/key",
        "enable.ssl.certificate.verification": True,
        "ssl.endpoint.identification.algorithm": "https",
    }


@pytest.mark.parametrize("word", [ssl.CERT_NONE, "CERT_NONE", "none"])
def test_verification_can_be_switched_off(word: object) -> None:
    assert properties({"cert_reqs": word, "check_hostname": False}) == {
        "enable.ssl.certificate.verification": False,
        "ssl.endpoint.identification.algorithm": "none",
    }


@pytest.mark.parametrize("use_ssl", [None, False, True, {}])
def test_without_words_there_are_no_properties(use_ssl: object) -> None:
    assert properties(use_ssl) == {}


def test_a_word_without_property_is_refused() -> None:
    with pytest.raises(OptionError, match="cannot be given 'ssl_version': it takes ca_certs"):
        properties({"ssl_version": 3})
