from __future__ import annotations

from app.ai import symbols

SOURCE = """
@pytest.fixture
def pet(api: Api, other) -> Iterator[Json]:
    "expect"
    for each in [state.created(x) for x in fresh()]:
        yield each
    listed = 1
"""


def test_a_name_is_referred_to_wherever_it_is_read() -> None:
    read = {"pytest", "Api", "Iterator", "Json", "state", "fresh", "each"}

    assert symbols.referenced(SOURCE, read) == read


def test_texts_attributes_parameters_and_what_is_only_set_are_no_references() -> None:
    assert symbols.referenced(SOURCE, {"expect", "created", "other", "listed", "pet"}) == set()
