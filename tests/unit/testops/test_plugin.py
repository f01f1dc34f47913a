from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.target import Answer, Target
from tests.unit.testops.conftest import DOCUMENT

pytest_plugins = ["pytester"]
MODULE = """
from testops import Api, expect

OPERATION = "GET /plain"

def test_plain(api: Api) -> None:
    expect.success(api.get("/plain"), 200)
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with one module and nothing in the environment."""
    for name in ("BASE_URL", "HEADERS", "IDENTITIES", "GATEWAY", "CONTRACT"):
        monkeypatch.delenv(f"TESTOPS_{name}", raising=False)
    pytester.makeini(
        "[pytest]\naddopts = -p testops.plugin -p no:cacheprovider -p no:schemathesis\n"
    )
    folder = pytester.mkdir("tests")
    (folder / "test_plain.py").write_text(MODULE, "utf-8")
    return pytester


def _write_contract(path: Path) -> None:
    path.write_text(json.dumps(DOCUMENT), "utf-8")


def test_the_contract_above_the_module_is_found(
    project: pytest.Pytester, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.answers["GET /plain"] = Answer(200)
    monkeypatch.setenv("TESTOPS_BASE_URL", target.url)
    _write_contract(project.path / "contract.json")

    project.runpytest_inprocess("-q").assert_outcomes(passed=1)


def test_the_environment_may_name_the_contract(
    project: pytest.Pytester, target: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target.answers["GET /plain"] = Answer(500)
    monkeypatch.setenv("TESTOPS_BASE_URL", target.url)
    monkeypatch.setenv("TESTOPS_CONTRACT", str(tmp_path / "elsewhere.json"))
    _write_contract(tmp_path / "elsewhere.json")

    result = project.runpytest_inprocess("-q")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*AssertionError: GET */plain answered 500 *: expected 200 OK.*"])


def test_without_a_contract_the_check_is_an_error_not_a_failure(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTOPS_BASE_URL", "http://127.0.0.1:1")

    result = project.runpytest_inprocess("-q")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ContractError: There is no contract.json in the folder of *"])


def test_without_a_base_url_nothing_runs_and_the_usage_is_told(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("-q")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: TESTOPS_BASE_URL is not set. *"])


def test_collecting_needs_no_base_url(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("-q", "--collect-only")

    assert result.ret == pytest.ExitCode.OK


def test_tests_that_do_not_ask_for_the_client_need_no_base_url(project: pytest.Pytester) -> None:
    project.makepyfile("def test_other(): pass")

    project.runpytest_inprocess(
        "-q", "test_tests_that_do_not_ask_for_the_client_need_no_base_url.py"
    ).assert_outcomes(passed=1)


def _for_two(project: pytest.Pytester) -> None:
    module = MODULE.replace("api: Api", "other: Api").replace("api.get", "other.get")
    (project.path / "tests" / "test_plain.py").write_text(module, "utf-8")
    _write_contract(project.path / "contract.json")


def test_a_second_user_asks_for_itself(
    project: pytest.Pytester, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.answers["GET /plain"] = Answer(200)
    monkeypatch.setenv("TESTOPS_BASE_URL", target.url)
    monkeypatch.setenv("TESTOPS_IDENTITIES", '{"alice": {"X-Key": "a"}, "bob": {"X-Key": "b"}}')
    _for_two(project)

    project.runpytest_inprocess("-q").assert_outcomes(passed=1)

    assert [each.headers["x-key"] for each in target.asked] == ["b"]


def test_what_wants_a_second_user_skips_where_there_is_none(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTOPS_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("TESTOPS_IDENTITIES", '{"alice": {"X-Key": "a"}}')
    _for_two(project)

    result = project.runpytest_inprocess("-q", "-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*Needs a second user (--identity)."])


def test_what_wants_a_second_user_needs_a_base_url_too(project: pytest.Pytester) -> None:
    _for_two(project)

    assert project.runpytest_inprocess("-q").ret == pytest.ExitCode.USAGE_ERROR
