"""What is said on the terminal."""

from __future__ import annotations

from pathlib import Path

from bridge.local.screen import Screen
from bridge.local.state import Admin


def test_each_thing_worth_knowing_is_one_message() -> None:
    lines: list[str] = []
    screen = Screen(lines.append)
    log = Path("logs/web.log")
    screen.start(Path(".run"))
    screen.ready("web", 1.25)
    screen.slow("web", 45.2, log)
    screen.died("web", -9, 1.0, log)
    screen.restarted("web", "the broker")
    screen.killed("web")
    screen.open("http://127.0.0.1:8000", "http://demo", Admin("a@b.c", "secret"))
    screen.stopping()
    screen.stopped()
    assert len(lines) == 9
    assert lines[1] == "  web        ready after   1.2 s"
    assert "status -9, see logs/web.log; starting it again in 1.0 s" in lines[3]
    assert lines[6].splitlines()[1] == "Ready at http://127.0.0.1:8000"
    assert "a@b.c" in lines[6]
    assert "secret" in lines[6]
