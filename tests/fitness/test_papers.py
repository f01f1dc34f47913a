"""What the papers say about the project is true where a program can tell."""

import re
from pathlib import Path

import pytest
import yaml

from docs import reference, structure
from tests.compose_file import LASTING, ONCE
from tests.shared_material import ROOT

PAPERS = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
#: A folder as the papers write it: `app/services/`.
FOLDER = re.compile(r"`([\w./-]+/)`")
#: Folders that are made, not kept: `.run/`.
MADE = (ROOT / ".gitignore").read_text().split()
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def test_the_architecture_fits_on_a_page() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) <= 100


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_a_paper_names_only_folders_that_exist(paper: Path) -> None:
    named = set(FOLDER.findall(paper.read_text())) - set(MADE)
    assert [folder for folder in named if not (ROOT / folder).is_dir()] == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_a_link_inside_the_project_leads_somewhere(paper: Path) -> None:
    assert [
        link for link in LINK.findall(paper.read_text()) if not (paper.parent / link).exists()
    ] == []


def test_every_package_has_a_place_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "docs"}
    assert [name for name in packages if f"`{name}/" not in text] == []


def test_every_process_is_explained() -> None:
    text = (ROOT / "docs" / "processes.md").read_text()
    assert [
        name for name in (*LASTING, *ONCE) if f"| [`{name}`](processes/{name}.md) |" not in text
    ] == []


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_page_made_from_the_code_is_up_to_date(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == reference.PAGES[name](), "run: make docs"


def test_every_target_of_make_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in ("help", "setup", "check", "test", "run", "docs"):
        assert re.search(rf"^{target}:.*## \w+", makefile, re.MULTILINE), target


def _skeleton(name: str) -> tuple[list[str], list[str], list[str]]:
    """What does not depend on the language: levels of headings, blocks of code, links."""
    text = (ROOT / name).read_text()
    blocks = re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    levels = re.findall(r"^#+", prose, re.MULTILINE)
    links = [link for link in LINK.findall(prose) if not link.startswith("README")]
    return levels, blocks, links


def test_the_readme_says_the_same_in_both_languages() -> None:
    english, russian = _skeleton("README.md"), _skeleton("README.ru.md")
    assert english == russian


def test_the_figures_of_the_readme_are_the_same_in_both_languages() -> None:
    """A number that is measured changes; whoever changes it has to change both."""
    found = [
        sorted(set(re.findall(r"(?<![\w.:/])\d{2,}(?![\w.:/]*\d)", (ROOT / name).read_text())))
        for name in ("README.md", "README.ru.md")
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("name", [*LASTING, *ONCE])
def test_every_process_has_a_page_of_the_same_form(name: str) -> None:
    text = (ROOT / "docs" / "processes" / f"{name}.md").read_text()
    assert re.findall(r"^#+ .*", text, re.MULTILINE) == [
        f"# {name}",
        "## When it is killed",
        "## When there are several",
        "## Where to look",
    ]
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][name]
    told = re.findall(r"`([^`]+)`", text.replace("\n", " "))[0]
    assert set(told.split()) <= set(service["command"])


def test_the_pages_name_metrics_that_exist() -> None:
    declared = (ROOT / "app" / "metrics.py").read_text()
    for page in (ROOT / "docs" / "processes").glob("*.md"):
        for name in re.findall(r"`(testops_\w+)`", page.read_text()):
            assert f'"{name.removesuffix("_total")}"' in declared, page.name


def test_the_structure_is_that_of_the_project() -> None:
    """`python -m docs` writes it; no top-level folder is left out."""
    page = structure.page()
    assert (ROOT / "PROJECT_STRUCTURE.md").read_text() == page
    tops = {name for name in structure.folders_of_git() if "/" not in name}
    assert [name for name in tops if f"| `{name}/` |" not in page] == []
