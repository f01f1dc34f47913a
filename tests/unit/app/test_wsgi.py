import os
import subprocess
import sys

KIND = "import app.wsgi; print(type(app.wsgi.application).__name__)"


def start(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a program of this Python with none of our settings but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TESTOPS_")}
    return subprocess.run(
        [sys.executable, *command],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_application_is_made_from_the_environment_and_connects_to_nothing() -> None:
    answer = start(
        *("-c", KIND),
        TESTOPS_SECRET_KEY="k" * 32,
        TESTOPS_DATABASE_URL="postgresql://127.0.0.1:1/none",
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "OpenAPI\n", "")


def test_settings_that_are_missing_end_the_server_with_one_line() -> None:
    answer = start("-m", "gunicorn", "app.wsgi:application", "--bind", "127.0.0.1:0")
    assert answer.returncode == 3
    ours = [line for line in answer.stderr.splitlines() if not line.startswith("[")]
    assert len(ours) == 1
    assert "TESTOPS_SECRET_KEY" in ours[0]
