from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.errors import InvalidInputError
from local import projects

CONTRACT = {
    "contract": 1,
    "title": "Pets",
    "operations": {
        "GET /pets": {"pointer": "#/a", "responses": {}},
        "GET /pets/{id}": {"pointer": "#/b", "responses": {}},
        "GET /toys": {"pointer": "#/c", "responses": {}},
    },
    "schemas": {},
}
SCRIPT = 'OPERATION = "GET /pets/{id}"\n\ndef test_a(api): api.get("/pets/{id}")\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("tests/test_b.py", "tests/test_a.py", "more_test.py", "testops/test_sdk.py"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(SCRIPT)
    for name in (".venv/test_x.py", "__pycache__/test_y.py", "tests/helper.py"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("")
    (tmp_path / "contract.json").write_text(json.dumps(CONTRACT))
    return tmp_path


def test_the_modules_of_a_project_are_found_in_order(project: Path) -> None:
    modules = projects.find(project)
    assert [module.case.case_id for module in modules] == [
        "more_test.py",
        "tests/test_a.py",
        "tests/test_b.py",
    ]
    case = modules[1].case
    assert (case.operation, case.module, case.script) == ("GET /pets/{id}", "test_a.py", SCRIPT)


def test_a_contract_above_the_module_is_cut_to_what_it_names(project: Path) -> None:
    """Also to a collection that it may ask for an id, whose path its own path contains."""
    (module,) = projects.find(project / "tests" / "test_a.py")
    assert module.case.case_id == "test_a.py"
    assert list(json.loads(module.contract)["operations"]) == ["GET /pets", "GET /pets/{id}"]


def test_a_module_without_a_contract_runs_without(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text("def test_x(): pass")
    (module,) = projects.find(tmp_path)
    assert module.contract == "{}"


@pytest.mark.parametrize(
    ("script", "operation"),
    [
        (SCRIPT, "GET /pets/{id}"),
        ('OPERATION: str = "GET /x"', "GET /x"),
        ('A = "x"\nOPERATION = "GET /y"', "GET /y"),
        ("OPERATION = 3", ""),
        ("A = B = 1", ""),
        ("def (", ""),
        ("", ""),
    ],
)
def test_the_operation_is_the_modules_constant(script: str, operation: str) -> None:
    assert projects.operation_of(script) == operation


def test_a_folder_without_modules_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="no test module"):
        projects.find(tmp_path)


def test_a_module_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInputError, match="cannot be read"):
        projects.find(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"operations": [], "schemas": {}}'])
def test_a_broken_contract_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "test_x.py").write_text(SCRIPT)
    (tmp_path / "contract.json").write_text(text)
    with pytest.raises(InvalidInputError, match="contract"):
        projects.find(tmp_path)
