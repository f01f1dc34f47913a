from __future__ import annotations

import pytest

from testops import environment


def test_everything_is_read() -> None:
    read = environment.read(
        {
            "TESTOPS_BASE_URL": "https://api.example/v1",
            "TESTOPS_HEADERS": '{"Authorization": "Bearer x"}',
            "TESTOPS_GATEWAY": "4",
            "TESTOPS_SECRETS": '{"PASSWORD": "hush"}',
            "TESTOPS_IDENTITIES": '{"bob": {"X": "b"}, "alice": {}}',
        }
    )

    assert read == environment.Environment(
        "https://api.example/v1",
        {"Authorization": "Bearer x"},
        4,
        {"PASSWORD": "hush"},
        {"bob": {"X": "b"}, "alice": {}},
    )
    assert list(read.identities) == ["bob", "alice"]


def test_headers_and_gateway_are_optional() -> None:
    read = environment.read({"TESTOPS_BASE_URL": "http://api"})

    assert read == environment.Environment("http://api")


def test_a_missing_base_url_is_explained() -> None:
    with pytest.raises(environment.EnvironmentVariableError, match="TESTOPS_BASE_URL is not set"):
        environment.read({})


@pytest.mark.parametrize("url", ["api.example", "ftp://api.example", "http://"])
def test_a_base_url_is_http(url: str) -> None:
    with pytest.raises(environment.EnvironmentVariableError, match=f"no http or https URL: {url}"):
        environment.read({"TESTOPS_BASE_URL": url})


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}'])
def test_headers_are_an_object_of_texts(text: str) -> None:
    with pytest.raises(environment.EnvironmentVariableError, match="TESTOPS_HEADERS is no JSON"):
        environment.read({"TESTOPS_BASE_URL": "http://api", "TESTOPS_HEADERS": text})


def test_a_gateway_is_a_descriptor() -> None:
    with pytest.raises(environment.EnvironmentVariableError, match=r"unset it\. It is http://g"):
        environment.read({"TESTOPS_BASE_URL": "http://api", "TESTOPS_GATEWAY": "http://g"})


@pytest.mark.parametrize("text", ["{", "[]", '{"alice": "x"}', '{"alice": {"X": 1}}'])
def test_identities_are_headers_by_name(text: str) -> None:
    with pytest.raises(environment.EnvironmentVariableError, match="TESTOPS_IDENTITIES is no JSON"):
        environment.read({"TESTOPS_BASE_URL": "http://api", "TESTOPS_IDENTITIES": text})


def test_a_grant_is_for_the_engine_and_not_sent_as_a_header() -> None:
    users = '{"alice": {"oauth2": "client_id=a client_secret=s3cret"}}'
    with pytest.raises(environment.EnvironmentVariableError, match="use that, or give a") as caught:
        environment.read({"TESTOPS_BASE_URL": "http://api", "TESTOPS_IDENTITIES": users})
    assert "s3cret" not in str(caught.value)
