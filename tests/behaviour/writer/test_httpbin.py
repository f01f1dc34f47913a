"""A written project run by plain pytest against httpbin, a real API, on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx

from app.ai import project
from app.openapi import loading
from tests.serving import serving

#: Where httpbin contradicts its own description or HTTP, looked at one by one.
HTTPBIN_FAULTS = {
    # Documented is 200; it redirects to the list of cookies.
    "test_get_cookies_delete.test_any_documented_input",
    "test_get_cookies_delete.test_documented_success",
    "test_get_cookies_set.test_any_documented_input",
    "test_get_cookies_set.test_documented_success",
    "test_get_cookies_set_name_value.test_any_documented_input",
    "test_get_cookies_set_name_value.test_documented_success",
    "test_get_cookies_set_name_value.test_path_name_many_scripts",
    "test_get_cookies_set_name_value.test_path_name_very_long",
    "test_get_cookies_set_name_value.test_path_value_many_scripts",
    "test_get_cookies_set_name_value.test_path_value_very_long",
    # The required url is not asked for: it redirects to "None".
    "test_get_redirect_to.test_missing_query_url",
    "test_post_redirect_to.test_missing_body",
    "test_post_redirect_to.test_missing_body_url",
    "test_post_redirect_to.test_undocumented_media_type",
    "test_put_redirect_to.test_missing_body",
    "test_put_redirect_to.test_missing_body_url",
    "test_put_redirect_to.test_undocumented_media_type",
    # It answers 500 to a url with a line break in it, which cannot stand in a header.
    "test_get_redirect_to.test_any_documented_input",
    # A status that HTTP does not have is answered with.
    "test_get_status_codes.test_any_documented_input",
    # A status code that is no integer is not looked at.
    "test_get_redirect_to.test_query_status_code_fraction",
    "test_get_redirect_to.test_query_status_code_wrong_type",
    "test_post_redirect_to.test_body_status_code_fraction",
    "test_post_redirect_to.test_body_status_code_wrong_type",
    "test_put_redirect_to.test_body_status_code_fraction",
    "test_put_redirect_to.test_body_status_code_wrong_type",
}
#: What answers slowly, or never: each check of it would wait for its limit.
SLOW = ("drip", "delay", "etag", "(response_headers and any_documented_input)")


def write(folder: Path, url: str, description: str) -> None:
    """Write the project of an API that describes itself."""
    origin = f"{url}{description}"
    data = httpx.get(origin, trust_env=False).content
    for name, text in project.files(loading.load_bytes(data, origin=origin)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def run(folder: Path, url: str) -> dict[str, set[str]]:
    """Outcome → the checks that ended so, by plain pytest."""
    report = folder / "report.xml"
    inherited = {
        name: text
        for name, text in os.environ.items()
        # The copy of the library in the project is not what coverage is about.
        if not name.startswith(("TESTOPS_", "PYTEST", "COVERAGE_"))
    }
    subprocess.run(
        [
            sys.executable,
            "-P",
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            *("-k", f"not ({' or '.join(SLOW)})"),
            f"--junit-xml={report}",
        ],
        cwd=folder,
        env={**inherited, "TESTOPS_BASE_URL": url},
        capture_output=True,
        check=False,
    )
    outcomes: dict[str, set[str]] = {
        "passed": set(),
        "failure": set(),
        "error": set(),
        "skipped": set(),
    }
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - written by our own pytest
        name = f"{case.attrib['classname'].rpartition('.')[2]}.{case.attrib['name']}"
        kinds = [child.tag for child in case if child.tag in outcomes]
        outcomes[kinds[0] if kinds else "passed"].add(name)
    return outcomes


def test_httpbin_fails_only_where_it_contradicts_its_description(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old package, and those it brings
        from httpbin import app as httpbin  # noqa: PLC0415 - imported only where it is used
    with serving(httpbin) as url:
        write(tmp_path, url, "/spec.json")
        outcomes = run(tmp_path, url)

    print({kind: len(names) for kind, names in outcomes.items()})  # noqa: T201 - the figures are the report
    assert outcomes["failure"] == HTTPBIN_FAULTS
    assert outcomes["error"] == set()
    assert len(outcomes["passed"]) >= 60
