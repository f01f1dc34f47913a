from app.errors import DescriptionError, PlatformError, UnavailableError


def test_an_error_says_what_where_and_what_to_do() -> None:
    error = DescriptionError("No paths.", where="#/paths", hint="Add an operation.")
    assert str(error) == "No paths. (at #/paths) Add an operation."


def test_an_error_without_place_and_hint_is_its_detail() -> None:
    assert str(PlatformError("Broken.")) == "Broken."


def test_only_an_absent_part_of_our_own_may_come_back() -> None:
    assert DescriptionError("x").permanent
    assert not UnavailableError("x").permanent
