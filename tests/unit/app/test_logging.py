import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app import logging as app_logging
from app.settings import Settings
from tests.database_fixtures import settings_for


@pytest.fixture(autouse=True)
def _untouched() -> Iterator[None]:
    """Leave the logging of the other tests as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def stream(policy: Settings) -> io.StringIO:
    written = io.StringIO()
    settings = settings_for("postgresql://nowhere/none", log_format="json")
    app_logging.configure(settings, process="web", stream=written)
    return written


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json(stream: io.StringIO) -> None:
    structlog.get_logger("app.x").info("run.started", run_id="r1", cases=3)
    [line] = lines(stream)
    assert line.pop("timestamp")
    assert line == {
        "event": "run.started",
        "run_id": "r1",
        "cases": 3,
        "level": "info",
        "logger": "app.x",
        "process": "web",
    }


def test_libraries_are_logged_the_same_way(stream: io.StringIO) -> None:
    logging.getLogger("kombu").warning("Lost %s", "it", extra={"queue": "q"})
    [line] = lines(stream)
    assert (line["event"], line["queue"], line["logger"]) == ("Lost it", "q", "kombu")


def test_an_error_carries_its_traceback(stream: io.StringIO) -> None:
    structlog.get_logger().error("task.failed", exc_info=ValueError("no"))
    [line] = lines(stream)
    assert "ValueError: no" in str(line["exception"])


def test_what_lies_below_the_level_is_left_out(stream: io.StringIO) -> None:
    structlog.get_logger().debug("run.looked_at")
    assert stream.getvalue() == ""


def test_a_terminal_gets_text() -> None:
    written = io.StringIO()
    settings = settings_for("postgresql://nowhere/none", log_format="console")
    app_logging.configure(settings, stream=written)
    structlog.get_logger().info("run.started", run_id="r1")
    assert "run.started" in written.getvalue()
    assert "run_id=r1" in written.getvalue()


@pytest.mark.parametrize(
    "fields",
    [
        {"password": "s3cret-value"},
        {"TESTOPS_SECRET_KEY": "s3cret-value"},
        {"headers": {"Authorization": "s3cret-value", "Accept": "*/*"}},
        {"headers": {"Set-Cookie": ["s3cret-value"]}},
        {"cookies": ("s3cret-value",)},
        {"x-api-key": b"s3cret-value"},
        {"request": [{"token": "s3cret-value"}]},
        {"url": "postgresql://ada:s3cret-value@db/x"},
        {"text": "sent Authorization: Bearer s3cret-value"},
        {"text": "sent Basic s3cretvalue=="},
        {"text": "key testops_" + "s3cret-value" * 4},
        {"event_data": {"deep": [{"er": "http://s3cret-value@host/"}]}},
    ],
)
def test_secrets_never_reach_the_log(stream: io.StringIO, fields: dict[str, object]) -> None:
    structlog.get_logger().info("request.sent", **fields)
    assert "s3cret" not in stream.getvalue()
    assert app_logging.REDACTED in stream.getvalue()


def test_secrets_in_a_traceback_never_reach_the_log(stream: io.StringIO) -> None:
    error = ValueError("postgresql://ada:s3cret@db/x")
    structlog.get_logger().error("task.failed", exc_info=error)
    assert "s3cret" not in stream.getvalue()


def test_what_is_no_secret_is_left_as_it_is(stream: io.StringIO) -> None:
    fields = {
        "url": "http://api.test/pets?a=1",
        "text": "Basic rules of testops_check_duration_seconds",
        "count": 3,
        "none": None,
        "mail": "ada@example.com",
    }
    structlog.get_logger().info("request.sent", **fields)
    [line] = lines(stream)
    assert {name: line[name] for name in fields} == fields
