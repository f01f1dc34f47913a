import pytest
import structlog

from app import tracing

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
REQUEST = f"00-{TRACE}-00f067aa0ba902b7-01"


def test_work_goes_on_with_its_trace_under_a_parent_of_its_own() -> None:
    with tracing.following(REQUEST):
        here = tracing.current()
    assert here.startswith(f"00-{TRACE}-")
    assert here.endswith("-01")
    assert here != REQUEST
    assert len(here) == len(REQUEST)


def test_outside_of_any_work_there_is_no_trace() -> None:
    with tracing.following(REQUEST), tracing.following(""):
        pass
    assert tracing.current() == ""


def test_lines_logged_meanwhile_carry_the_id_of_the_trace() -> None:
    with tracing.following(REQUEST):
        assert structlog.contextvars.get_contextvars()["trace_id"] == TRACE
    assert "trace_id" not in structlog.contextvars.get_contextvars()


def test_a_version_to_come_may_say_more() -> None:
    with tracing.following(f"01{REQUEST[2:]}-more"):
        assert tracing.current().startswith(f"00-{TRACE}-")


@pytest.mark.parametrize(
    "unreadable",
    [
        "",
        "no trace",
        f"{REQUEST}-more",
        f"{REQUEST}\n",
        f"ff{REQUEST[2:]}",
        REQUEST.upper(),
        REQUEST.replace(TRACE, "0" * 32),
        REQUEST.replace("00f067aa0ba902b7", "0" * 16),
    ],
)
def test_what_is_no_trace_begins_a_new_one(unreadable: str) -> None:
    with tracing.following(unreadable):
        begun = tracing.current()
        with tracing.following(begun):
            followed = tracing.current()
    assert TRACE not in begun
    assert followed[:36] == begun[:36]
