"""The whole platform as a person sees it: real processes, a real browser, the demo as the API."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect

from demo import description as demo_description
from tests.shared_material import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("local")]

#: Starting takes longest; on a busy machine everything takes its time.
START_SECONDS = 120.0
PATIENCE_MS = 90_000

#: Paths that a small description does without.
FEW: tuple[str, ...] = ("/search", "/members", "/members/{memberId}", "/loans", "/loans/{loanId}")
FEW += ("/loans/{loanId}/return", "/reports/overdue")

BY_HAND = '''"""Written by hand."""

OPERATION = "GET /books"


def test_by_hand(api):
    """The library is <empty>. #/paths/~1books/get"""
    response = api.get("/books")
    print("looked at", response.status)
    assert response.json() == "by hand"
'''

VACUOUS = """OPERATION = "GET /books"


def test_vacuous(api):
    api.get("/books")
"""


@dataclass(frozen=True)
class Platform:
    """A platform that runs on this machine."""

    url: str
    api_url: str
    email: str
    password: str


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """Everything that `make run` starts, with a state of its own."""
    # Not in pytest's folder: each pytest closes it to others, and PostgreSQL may be another user.
    state = Path(tempfile.mkdtemp(prefix="testops-state-"))
    port = free_port()
    command = [sys.executable, "-m", "bridge.local", "--port", str(port)]
    command += ["--demo-port", "0", "--state", str(state)]
    with (state / "terminal.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/readyz", process, state / "terminal.log")
        yield described(state, port)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(state, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "Ready at" not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own loopback address
        assert answer.status == 200


def described(state: Path, port: int) -> Platform:
    admin = json.loads((state / "admin.json").read_text())
    api = f"http://127.0.0.1:{(state / 'demo_port').read_text()}"
    return Platform(f"http://127.0.0.1:{port}", api, admin["email"], admin["password"])


@pytest.fixture
def visitor(platform: Platform, page: Page) -> Page:
    """A page on which the admin has signed in."""
    page.goto(platform.url)
    page.get_by_label("E-mail address").fill(platform.email)
    page.get_by_label("Password").fill(platform.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    return page


def library(*, maximum: int | None = None, without: Collection[str] = ()) -> FilePayload:
    """The description of the demo, with another maximum of its pages and without some paths."""
    document = demo_description.document()
    document["paths"] = {path: at for path, at in document["paths"].items() if path not in without}
    if maximum:
        document["components"]["parameters"]["Limit"]["schema"]["maximum"] = maximum
    data = json.dumps(document).encode()
    return {"name": "library.json", "mimeType": "application/json", "buffer": data}


def add_file(page: Page, file: FilePayload) -> None:
    page.get_by_text("In a file").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Add the API description").click()
    page.wait_for_url("**/api-descriptions/*-*")


def make_suite(page: Page, name: str, base_url: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Base URL").fill(base_url)
    page.get_by_role("button", name="Create the suite").click()
    page.wait_for_url("**/suites/*-*")


def write_cases(page: Page) -> int:
    """Have every case written and follow it live; how many there are."""
    page.get_by_role("button", name="Write the cases").click()
    done = page.locator("#generation").get_by_text(re.compile(r"(\d+) of \1 written"))
    expect(done).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#cases tr").first).to_be_visible()
    return page.locator("#cases tr").count()


def wait_until_finished(page: Page) -> None:
    expect(page.locator("#progress .badge")).to_have_text("finished", timeout=PATIENCE_MS)


def count(page: Page, outcome: str) -> int:
    return int(page.locator(f'[data-count="{outcome}"]').inner_text())


def test_from_a_description_to_the_exchange_behind_a_red_check(
    platform: Platform, visitor: Page
) -> None:
    page = visitor
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    add_file(page, library())
    operations = len(page.locator("#operations [data-row]").all())
    page.get_by_label("Filter the operations").fill("delete")
    expect(page.locator("#operations [data-row]:visible").first).to_contain_text("DELETE")
    make_suite(page, "Library", platform.api_url)
    suite_url = page.url
    assert write_cases(page) == operations

    page.get_by_label("Filter the cases").fill("get /books")
    page.locator("#cases td a", has_text=re.compile(r"GET\s*/books$")).click()
    edit_by_hand(page)
    page.get_by_role("button", name="Execute this case").click()
    wait_until_finished(page)
    read_the_red_result(page, platform)

    measure_a_vacuous_check(page)
    page.goto(suite_url)
    page.get_by_role("button", name="Execute all").click()
    follow_a_suite(page, operations)
    page.goto(platform.url)
    expect(page.locator("#bell .badge")).to_have_text(re.compile("[1-4]"), timeout=PATIENCE_MS)
    page.locator("#bell a").click()
    expect(page.get_by_text("Library: ").first).to_be_visible()


def edit_by_hand(page: Page) -> None:
    # Until its script has run there is a plain field of the same name.
    expect(page.locator("script-editor .cm-content")).to_be_visible()
    editor = page.locator("script-editor").get_by_role("textbox", name="Script of the case")
    editor.click()
    paste_over(page, "def broken(:\n    pass\n")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("alert").filter(has_text="The script is not Python")).to_contain_text(
        "line 1"
    )
    expect(page.locator("script-editor .cm-lint-marker-error")).to_be_visible()
    editor.click()
    paste_over(page, BY_HAND)
    expect(page.get_by_text("not saved")).to_be_visible()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator(".card-header").get_by_text("edited", exact=True)).to_be_visible()


def paste_over(page: Page, text: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+v")
    expect(page.locator("script-editor textarea")).to_have_value(text)


def read_the_red_result(page: Page, platform: Platform) -> None:
    assert (count(page, "failed"), count(page, "passed")) == (1, 0)
    result = page.locator("details.check", has_text="test_by_hand")
    result.locator("summary").first.click()
    body = result.locator(".check-body")
    expect(body.locator(".intent")).to_have_text("The library is <empty>. #/paths/~1books/get")
    expect(body.locator("pre.message")).to_contain_text("by hand")
    expect(body.locator(".exchange summary")).to_contain_text(f"{platform.api_url}/books")
    expect(body.locator(".exchange summary")).to_contain_text("200")
    expect(body.locator(".exchange-sides pre")).to_contain_text('"title": "')
    body.get_by_text("Traceback").click()
    expect(body.locator("pre", has_text="assert response.json()").last).to_be_visible()
    body.get_by_text("Output", exact=True).click()
    expect(body.locator("pre", has_text="looked at 200").last).to_be_visible()
    body.get_by_text("Link to this result").click()
    expect(page.get_by_role("heading", name="test_by_hand")).to_be_visible()


def measure_a_vacuous_check(page: Page) -> None:
    """From the case's page to what survived there; the script is by hand again afterwards."""
    page.get_by_role("link", name="Script", exact=True).click()
    save(page, VACUOUS)
    case_url = page.url
    page.get_by_role("button", name="Measure").click()
    wait_until_finished(page)
    page.goto(case_url)
    strength = page.locator("#strength")
    expect(strength.locator(".card-header")).to_contain_text("0.0 %, 1 vacuous")
    expect(strength).to_contain_text("status changed at /status: 500 for 200")
    expect(strength).to_contain_text("a server error is never right")
    save(page, BY_HAND)


def save(page: Page, script: str) -> None:
    expect(page.locator("script-editor .cm-content")).to_be_visible()
    editor = page.locator("script-editor").get_by_role("textbox", name="Script of the case")
    editor.click()
    paste_over(page, script)
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved.")).to_be_visible()


def follow_a_suite(page: Page, operations: int) -> None:
    expect(page.get_by_text(f"of {operations} cases")).to_be_visible()
    opened = page.locator("details.check").first
    opened.locator("summary").first.click(timeout=PATIENCE_MS)
    wait_until_finished(page)
    assert count(page, "passed") > operations
    assert count(page, "failed") > 1
    expect(page.locator("#results .outcome").first).to_have_text("failed")
    expect(page.get_by_text(re.compile("red since")).first).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_label("Outcome").select_option("passed")
    expect(page.locator("#results .check .outcome").first).to_have_text("passed")
    expect(page.locator("#results .check .outcome-failed")).to_have_count(0)
    page.get_by_label("Outcome").select_option("")
    page.get_by_label("Search in the results").fill("test_by_hand")
    expect(page.locator("#results .check")).to_have_count(1)


def test_a_description_changes_and_no_edit_is_lost(platform: Platform, visitor: Page) -> None:
    """Written with an instruction, edited, and merged part by part; what is gone is archived."""
    page = visitor
    page.goto(f"{platform.url}/api-descriptions/new")
    add_file(page, library(without=FEW))
    description_url = page.url
    make_suite(page, "Merging", platform.api_url)
    suite_url = page.url
    page.get_by_label("Instruction").fill("Mind the limits.")
    write_cases(page)
    page.locator("#cases td a", has_text=re.compile(r"GET\s*/books$")).click()
    expect(page.locator("#revisions")).to_contain_text("Instruction: Mind the limits.")
    case_url = page.url
    change_by_hand(page, '"limit": 51}', '"limit": 510}')

    page.goto(description_url)
    newer = library(maximum=40, without=[*FEW, "/health"])
    page.get_by_label("A newer version").set_input_files(newer)
    page.get_by_role("button", name="Upload").click()
    page.goto(suite_url)
    page.get_by_role("link", name="What the API description changed").click()
    touched = page.locator("li li", has_text="test_query_limit_above_maximum")
    expect(touched).to_contain_text("conflict")
    expect(page.locator("section", has_text="Removed")).to_contain_text("/health")

    page.goto(case_url)
    choose_what_is_taken_over(page)
    page.goto(f"{case_url}/revisions/2")
    page.get_by_role("button", name="Restore").click()
    expect(script(page)).to_have_value(re.compile('"limit": 510}'))

    page.goto(suite_url)
    page.get_by_label("All (").check()
    page.get_by_role("button", name="Write the cases").click()
    expect(page.get_by_text("1 case of operations")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Show it").last.click()
    expect(page.locator("#cases tr")).to_have_count(1)
    expect(page.locator("#cases tr")).to_contain_text("/health")


def change_by_hand(page: Page, before: str, after: str) -> None:
    editor = page.locator("script-editor").get_by_role("textbox", name="Script of the case")
    expect(page.locator("script-editor .cm-content")).to_be_visible()
    text = script(page).input_value()
    assert before in text
    editor.click()
    paste_over(page, text.replace(before, after))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def script(page: Page) -> Locator:
    return page.locator("script-editor textarea")


def choose_what_is_taken_over(page: Page) -> None:
    """A check is left as it is, the others are taken, and then the conflict is settled."""
    page.get_by_label("Instruction").fill("Be strict.")
    page.get_by_role("button", name="Write the case again").click()
    page.get_by_role("link", name="Choose").click(timeout=PATIENCE_MS)
    conflict = page.locator("[data-conflict]")
    expect(conflict.locator("pre:visible")).to_contain_text(['"limit": 510}', '"limit": 41}'])
    left = page.locator('[data-offer="test_query_limit_at_maximum"]')
    expect(left.locator(".diff-added").last).to_contain_text('"limit": 40}')
    left.get_by_label("Leave").check()
    page.get_by_role("button", name="Take over what is chosen").click()
    expect(page.get_by_text("Taken over; conflicts are left.")).to_be_visible()
    expect(page.locator("[data-offer]")).to_have_count(0)
    conflict.get_by_label("As it is generated now").check()
    page.get_by_role("button", name="Take over what is chosen").click()
    expect(script(page)).to_have_value(
        re.compile(r'"limit": 41}.*"limit": 50}.*Pages\("limit", 40', re.DOTALL)
    )


def test_what_is_wrong_with_an_address_is_said_in_place(platform: Platform, visitor: Page) -> None:
    visitor.goto(f"{platform.url}/api-descriptions/new")
    visitor.get_by_label("Address (URL)").fill("http://127.0.0.1:9/openapi.json")
    visitor.get_by_role("button", name="Add the API description").click()
    expect(visitor.get_by_role("alert").first).to_be_visible()
    expect(visitor.get_by_label("Address (URL)")).to_have_value("http://127.0.0.1:9/openapi.json")
    visitor.get_by_label("Address (URL)").fill(f"{platform.api_url}/openapi.json")
    visitor.get_by_role("button", name="Add the API description").click()
    visitor.wait_for_url("**/api-descriptions/*-*")
    expect(visitor.get_by_label("Base URL")).to_have_value(platform.api_url)


def test_a_run_is_cancelled_while_it_goes(platform: Platform, visitor: Page) -> None:
    visitor.goto(f"{platform.url}/api-descriptions/new")
    add_file(visitor, library())
    # Nobody answers there: every case waits, so there is time to cancel.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        make_suite(visitor, "Silent", f"http://127.0.0.1:{silent.getsockname()[1]}")
        write_cases(visitor)
        visitor.get_by_role("button", name="Execute all").click()
        visitor.get_by_role("button", name="Cancel").click()
        expect(visitor.locator("#progress .badge")).to_have_text("cancelled")
        expect(visitor.get_by_role("button", name="Cancel")).to_have_count(0)


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "dark")])
def test_every_page_fits_the_screen_and_the_theme(
    platform: Platform, context: BrowserContext, visitor: Page, width: int, scheme: str
) -> None:
    visitor.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    visitor.set_viewport_size({"width": width, "height": 844})
    for path in pages(platform, visitor):
        visitor.goto(f"{platform.url}{path}")
        assert visitor.locator("html").get_attribute("data-bs-theme") == scheme
        too_wide = visitor.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert too_wide <= 0, f"{path} is {too_wide} px wider than the screen"
        assert visitor.locator("h1").count() == 1, path


def pages(platform: Platform, page: Page) -> list[str]:
    """The fixed pages, and the first of what each list leads to."""
    found = ["/", "/api-descriptions/new", "/notifications/"]
    for path in ("/api-descriptions/", "/suites/", "/runs"):
        page.goto(f"{platform.url}{path}")
        found += [path, href(page, "table a")]
    page.goto(f"{platform.url}{found[-3]}")
    return [*found, href(page, 'a[href^="/cases/"]'), f"{found[-3]}/channels"]


def href(page: Page, link: str) -> str:
    found = page.locator(link).first.get_attribute("href")
    assert found
    return found


def test_the_keyboard_reaches_the_content_and_the_filter(platform: Platform, visitor: Page) -> None:
    visitor.goto(f"{platform.url}/api-descriptions/")
    visitor.keyboard.press("Tab")
    expect(visitor.get_by_role("link", name="Skip to the content")).to_be_focused()
    visitor.locator("table a").first.click()
    visitor.wait_for_url("**/api-descriptions/*-*")
    visitor.keyboard.press("/")
    expect(visitor.get_by_label("Filter the operations")).to_be_focused()


def test_the_theme_is_switched_and_remembered(visitor: Page) -> None:
    html = visitor.locator("html")
    before = html.get_attribute("data-bs-theme")
    visitor.get_by_role("button", name="Switch between light and dark").click()
    after = html.get_attribute("data-bs-theme")
    visitor.reload()
    assert {before, after} == {"light", "dark"}
    assert html.get_attribute("data-bs-theme") == after
