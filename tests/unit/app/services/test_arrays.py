import pytest
from sqlalchemy import Integer, String, select
from sqlalchemy.orm import Session

from app.services import arrays


@pytest.mark.parametrize("rows", [[], [("a", 1)], [("a", 1), ('it\'s {b}, "c"', 2), ("NULL", 3)]])
def test_rows_come_back_as_they_were_given(session: Session, rows: list[tuple[str, int]]) -> None:
    given = arrays.table("given", {"name": String(), "number": Integer()}, rows)
    assert session.execute(select(given).order_by(given.c.number)).all() == rows


def test_the_text_of_a_statement_does_not_grow_with_its_rows() -> None:
    one, many = (
        select(arrays.table("given", {"name": String()}, [("a",)] * count)) for count in (1, 100)
    )
    assert str(one) == str(many)
