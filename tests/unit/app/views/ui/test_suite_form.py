import pytest

from app.errors import InvalidInputError
from app.models.api_description import ApiDescription
from app.views.ui import suite_form


def test_headers_are_written_one_per_line() -> None:
    text = "Authorization: Bearer a:b\n\n  X-Tenant:  7 \n"
    assert suite_form.headers_of(text) == {"Authorization": "Bearer a:b", "X-Tenant": "7"}


def test_a_line_that_is_no_header_is_named() -> None:
    with pytest.raises(InvalidInputError, match="line 2"):
        suite_form.headers_of("A: 1\nnonsense")


def test_a_new_suite_is_proposed_from_the_description() -> None:
    described = ApiDescription(title="Library", servers=["https://one", "https://two"])
    assert suite_form.proposed(described) == suite_form.SuiteForm("Library", "https://one")
    silent = ApiDescription(title="Library", servers=[])
    assert suite_form.proposed(silent).base_url == ""


def test_identities_are_written_a_header_per_line() -> None:
    text = "bob=Authorization: Bearer a=b\n\n alice = X-Key: 1\nbob=X: y:z"
    assert suite_form.identities_of(text) == {
        "bob": {"Authorization": "Bearer a=b", "X": "y:z"},
        "alice": {"X-Key": "1"},
    }


def test_a_grant_stands_where_a_header_would() -> None:
    assert suite_form.identities_of("al=OAuth2: client_id=a token_url=http://id.test/t") == {
        "al": {"OAuth2": "client_id=a token_url=http://id.test/t"}
    }


@pytest.mark.parametrize("line", ["nonsense", "X-Key: a=b", "bob=X-Key"])
def test_a_line_that_is_no_identity_is_named(line: str) -> None:
    with pytest.raises(InvalidInputError, match="identities, line 2"):
        suite_form.identities_of(f"\n{line}")
