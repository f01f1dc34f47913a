import pytest

from app.errors import InvalidInputError
from app.services import descriptions, writers
from tests.factories import rows


def test_the_offline_writer_is_a_provider() -> None:
    description = descriptions.read_bytes(rows.document(2)).description
    [written] = writers.find("offline")(description, description.operations[1:])
    assert written.operation == "GET /pets-2"
    compile(written.script, written.module, "exec")


def test_a_provider_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidInputError, match="offline") as caught:
        writers.find("x" * 1000)
    assert len(str(caught.value)) < 200
