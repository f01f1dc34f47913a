import time

import pytest

from app.errors import DescriptionError
from app.openapi.imports import variables
from app.openapi.imports.variables import Variables


def test_variables_are_filled_in_and_their_values_as_well() -> None:
    given = Variables({"a": "x{{ b }}", "b": "y"})
    assert given.filled("{{ a }}-{{b}}-{{ nobody }}-{{}}") == "xy-y-nobody-{{}}"
    assert given.unknown("{{ a }}{{ nobody }}") == ["nobody"]
    assert variables.sole("{{ a }}") == "a"


def test_values_that_name_each_other_have_an_end() -> None:
    given = Variables({"a": "{{b}}" * 2000, "b": "{{a}}" * 2000})
    assert len(given.filled("{{a}}")) < 2 * 1024 * 1024


def test_all_texts_together_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variables, "_MAX_ADDED", 100)
    given = Variables({"a": "x" * 60})
    given.filled("{{a}}")
    with pytest.raises(DescriptionError, match="unfold into too much"):
        given.filled("{{a}}")


def test_spaces_in_an_open_variable_cost_no_time() -> None:
    begun = time.process_time()
    assert Variables({}).unknown("{{" + " " * 20_000) == []
    assert time.process_time() - begun < 5
