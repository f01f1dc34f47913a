"""Real APIs from PyPI on loopback, and where they contradict their own descriptions.

They run in an environment of their own, which is made where it is missing: their requirements are
none of ours. Each contradiction was looked at: the API is wrong, and the check right to fail.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.generation import apis
from bench.generation.apis import ROOT, Served, Start

_HOME: Final = ROOT / ".cache" / "bench-generation"
_REQUIREMENTS: Final = ROOT / "bench" / "generation" / "requirements.txt"
_START_SECONDS: Final = 120.0
_TOKEN: Final = "for-loopback-only"  # noqa: S105 - of a server on this machine


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Failures that tell the truth."""

    #: Found in "OPERATION CHECK: MESSAGE".
    pattern: str
    why: str


@dataclass(frozen=True, slots=True)
class Real:
    """An API of somebody else."""

    name: str
    start: Start
    contradictions: Sequence[Contradiction] = ()

    def why(self, operation: str, check: str, message: str) -> str:
        """Why a failure is right; empty where nobody has found it so."""
        text = f"{operation} {check}: {message}"
        return next((each.why for each in self.contradictions if re.search(each.pattern, text)), "")


def executable(name: str) -> Path:
    """A command of the environment, which is made if its requirements have changed."""
    wanted = _REQUIREMENTS.read_text(encoding="utf-8")
    done = _HOME / "requirements.txt"
    if not done.exists() or done.read_text(encoding="utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(_HOME)], check=True)
        pip = [str(_HOME / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--require-hashes", "-r", str(_REQUIREMENTS)], check=True)
        done.write_text(wanted, encoding="utf-8")
    return _HOME / "bin" / name


def all_of_them() -> Iterator[Real]:
    """The real APIs."""
    yield Real("httpbin", apis.httpbin, _HTTPBIN)
    yield Real("jupyter-server", jupyter, _JUPYTER)
    yield Real("mlserver", mlserver, _MLSERVER)
    yield Real("pygeoapi", pygeoapi, _PYGEOAPI)


@contextmanager
def jupyter() -> Iterator[Served]:
    """Jupyter's server, with an empty folder."""
    program = str(executable("jupyter-server"))
    [package] = _HOME.glob("lib/python*/site-packages/jupyter_server")
    url = f"http://127.0.0.1:{_free_port()}"
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "port": url.rpartition(":")[2],
            "token": _TOKEN,
            "root_dir": folder,
            "disable_check_xsrf": "True",
        }
        command = [
            *(program, "--no-browser", "--allow-root"),
            *(f"--ServerApp.{name}={value}" for name, value in options.items()),
        ]
        with _process(command, folder, f"{url}/api"):
            description = package / "services" / "api" / "api.yaml"
            yield Served(url, str(description), headers=(f"Authorization: token {_TOKEN}",))


@contextmanager
def mlserver() -> Iterator[Served]:
    """MLServer with a model that adds up."""
    ports = [_free_port() for _ in range(3)]
    names = ("http_port", "grpc_port", "metrics_port")
    settings = {**dict(zip(names, ports, strict=True)), "host": "127.0.0.1", "parallel_workers": 0}
    url = f"http://127.0.0.1:{ports[0]}"
    with _folder(
        {
            "settings.json": json.dumps({**settings, "debug": False}),
            "model-settings.json": json.dumps({"name": "sum", "implementation": "model.Sum"}),
            "model.py": _MODEL,
        }
    ) as folder:
        command = [str(executable("mlserver")), "start", folder]
        with _process(command, folder, f"{url}/v2/health/live"):
            yield Served(url, f"{url}/v2/docs/dataplane.json")


@contextmanager
def pygeoapi() -> Iterator[Served]:
    """An OGC API with two places."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    with _folder({"places.geojson": json.dumps(_PLACES)}) as folder:
        config, description = Path(folder) / "config.yml", Path(folder) / "openapi.json"
        config.write_text(json.dumps(_geo_config(url, port, folder)), encoding="utf-8")
        places = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(description)}
        program = str(executable("pygeoapi"))
        generate = ["openapi", "generate", str(config), "--format", "json"]
        subprocess.run(
            [program, *generate, "--output-file", str(description)],
            env={**os.environ, **places},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with _process([program, "serve"], folder, f"{url}/conformance", places):
            yield Served(url, str(description))


@contextmanager
def _process(
    command: Sequence[str], folder: str, asked: str, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """A process that answers at an address, ended afterwards."""
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait(lambda: process.poll() is not None, asked)
            yield
        finally:
            process.terminate()


def _wait(has_ended: Callable[[], bool], asked: str) -> None:
    """Until an address answers; raises RuntimeError where it never does."""
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(asked):
        if has_ended() or time.monotonic() > deadline:
            raise RuntimeError(f"Nothing answers at {asked}; is the environment complete?")
        # It starts in some seconds.
        time.sleep(0.2)


def _answers(asked: str) -> bool:
    try:
        with urllib.request.urlopen(asked, timeout=5):  # noqa: S310 - on loopback
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _folder(files: Mapping[str, str]) -> AbstractContextManager[str]:
    folder = tempfile.TemporaryDirectory()
    for name, text in files.items():
        (Path(folder.name) / name).write_text(text, encoding="utf-8")
    return folder


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


_MODEL: Final = '''"""Adds up what it is sent."""

from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput


class Sum(MLModel):
    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        total = sum(sum(map(float, each.data)) for each in payload.inputs)
        output = ResponseOutput(name="total", shape=[1], datatype="FP64", data=[total])
        return InferenceResponse(model_name=self.name, outputs=[output])
'''
_PLACES: Final = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": str(number),
            "properties": {"id": str(number), "name": name},
            "geometry": {"type": "Point", "coordinates": [8.5, 47.0 + number]},
        }
        for number, name in enumerate(("Riverside", "Hill"), 1)
    ],
}


def _geo_config(url: str, port: int, folder: str) -> Mapping[str, object]:
    link, keywords = "https://api.example", ["places"]
    world = {"bbox": [-180, -90, 180, 90], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
    data = f"{folder}/places.geojson"
    provider = {"type": "feature", "name": "GeoJSON", "data": data, "id_field": "id"}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 10, "max_items": 50},
            "map": {"url": f"{link}/{{z}}/{{x}}/{{y}}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "Places",
                "description": "Some places",
                "keywords": keywords,
                "keywords_type": "theme",
                "terms_of_service": link,
                "url": link,
            },
            "license": {"name": "CC-BY 4.0", "url": link},
            "provider": {"name": "Example", "url": link},
            "contact": {"name": "Example", "email": "places@api.example", "url": link},
        },
        "resources": {
            "places": {
                "type": "collection",
                "title": "Places",
                "description": "Some places",
                "keywords": keywords,
                "extents": {"spatial": world},
                "providers": [provider],
            }
        },
    }


_CRASH: Final = Contradiction(r"answered 500 Internal Server Error", "it breaks")
_HTTPBIN: Final = (
    _CRASH,
    Contradiction(r"/cookies/\S+ test_\w+: .*302 Found", "an undocumented redirect"),
    Contradiction(
        r"/redirect-to .*302 Found: expected a refusal", "a redirect to what was not sent"
    ),
    Contradiction(r"GET /drip .*large_number", "numbers without end: no answer, or no HTTP"),
    Contradiction(r"GET /etag/\{etag\} \w+many_scripts", "never answers a tag beyond ASCII"),
    Contradiction(r"/response-headers test_any_", "never answers what no header can hold"),
    Contradiction(r"/status/\{codes\} test_any_.*illegal status line", "a status of five digits"),
)
_JUPYTER: Final = (
    _CRASH,
    Contradiction(r"null is not of type \"string\"", "null, which no schema allows"),
    Contradiction(r"expected the header Allow", "405 without Allow (RFC 9110, section 15.5.6)"),
    Contradiction(r"GET /api/ .*302 Found", "an undocumented redirect"),
    Contradiction(r"resolvePath test_query_kernel_malformed", "a kernel id that is no UUID"),
    Contradiction(r"checkpoints test_unknown_id: .*200 OK", "a list for a file there is not"),
)
_MLSERVER: Final = (
    _CRASH,
    Contradiction(r"got no answer", "it breaks off"),
)
_PYGEOAPI: Final = (
    _CRASH,
    Contradiction(r"test_query_\w+_(unknown|wrong_type): ", "a choice that there is not"),
    Contradiction(r"test_query_limit_above_maximum", "more than the documented maximum"),
    Contradiction(r"expected Content-Type application/json, got", "an undocumented media type"),
)
