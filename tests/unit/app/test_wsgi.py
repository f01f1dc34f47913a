import os
import subprocess
import sys

PROGRAM = "import app.wsgi; print(type(app.wsgi.application).__mro__[1].__name__)"


def start(**environment: str) -> "subprocess.CompletedProcess[str]":
    """The web process as far as its application goes; it connects to nothing."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TESTOPS_")}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_application_is_made_from_the_environment() -> None:
    answer = start(
        TESTOPS_SECRET_KEY="k" * 32, TESTOPS_DATABASE_URL="postgresql://127.0.0.1:1/none"
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "APIScaffold\n", "")


def test_settings_that_are_missing_are_one_line() -> None:
    answer = start()
    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1
    assert "TESTOPS_SECRET_KEY" in answer.stderr
