"""Whatever a provider does: cases that hold, and the truth about who wrote them."""

from __future__ import annotations

import ast
import copy
import itertools
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal

import pytest

from app.services.assistance import ledger
from app.settings import Price
from tests.behaviour.models.support import (
    Story,
    Workshop,
    check,
    document,
    good,
    offline_script,
)
from tests.fakes.models import (
    Asked,
    Checks,
    CutOff,
    Endless,
    ModelServer,
    Raw,
    Reply,
    Script,
    Shaped,
    Slow,
    Status,
)
from tests.fakes.models import Text as Prose

_numbers = itertools.count()
NAMES = ("gemini", "openai", "compatible")
INVALID = check("test_vacuous", 'assert api.get("/pets").status < 600')
HOSTILE = check("test_hostile", "import os", 'os.system("id")', 'assert api.get("/pets")')


def settings_of(name: str, url: str) -> dict[str, object]:
    """What has this provider asked at the server."""
    base = url if name == "gemini" else f"{url}/v1"
    key = {f"{name}_api_key": SecretText("a-key")}
    # Answers are kept by the model's name: no test is to find those of another one.
    model = f"{name}-{next(_numbers)}"
    return {f"{name}_base_url": base, f"{name}_model": model, **key}


@dataclass(frozen=True)
class SecretText:
    """A key as the settings hold it."""

    text: str

    def get_secret_value(self) -> str:
        return self.text


class First:
    """Says one thing first, and another one ever after."""

    def __init__(self, first: Reply, then: Reply) -> None:
        self._replies = [first]
        self._then = then

    def __call__(self, asked: Asked) -> Reply:
        assert asked.body
        return self._replies.pop() if self._replies else self._then


FINE = Checks([good()])


@dataclass(frozen=True)
class Path:
    """What a provider does, and what comes of it when another one stands behind it."""

    script: Script | Reply
    #: Who is said to have written the check, "one" or "two".
    author: str
    #: What became of the requests to the first one.
    outcomes: tuple[str, ...]
    dropped: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()


PATHS = {
    "good": Path(FINE, "one", ("answered",)),
    "slow": Path(Slow(), "two", ("slow",)),
    "rate-limited, then good": Path(
        First(Status(429, {"Retry-After": "3"}), FINE), "one", ("busy", "answered")
    ),
    "rate-limited": Path(Status(429), "two", ("busy",) * 3),
    "server error, then good": Path(First(Status(503), FINE), "one", ("away", "answered")),
    "server error": Path(Status(500), "two", ("away",) * 3),
    "key refused": Path(Status(401), "two", ("refused",)),
    "cut off, then good": Path(First(CutOff(FINE), FINE), "one", ("broken_off", "answered")),
    "cut off": Path(CutOff(), "two", ("broken_off",) * 3),
    "broken off by an event": Path(
        Shaped({"error": {"code": 503, "message": "overloaded"}}), "two", ("broken_off",) * 3
    ),
    "question refused": Path(Status(422), "two", ("unsuited",)),
    "no JSON at all": Path(Raw(b"<html>"), "two", ("unreadable",) * 2),
    "JSON of another shape": Path(
        Shaped({"choices": [], "candidates": [None]}), "two", ("unreadable",) * 2
    ),
    "endless": Path(Endless(), "two", ("unreadable",) * 2),
    "prose, then good": Path(First(Prose("Sure!"), FINE), "one", ("unreadable", "answered")),
    "prose": Path(Prose("```python\n```"), "two", ("unreadable",) * 2),
    "invalid, then good": Path(
        First(Checks([check("test_model_name", "assert True")]), FINE),
        "one",
        ("answered",) * 2,
        repaired=("test_model_name",),
    ),
    "good and invalid": Path(
        Checks([good(), INVALID]), "one", ("answered",) * 3, dropped=("test_vacuous",)
    ),
    "good and hostile": Path(
        Checks([good(), HOSTILE]), "one", ("answered",) * 3, dropped=("test_hostile",)
    ),
}


@contextmanager
def closed_port() -> Iterator[str]:
    """Where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


def told(workshop: Workshop, name: str, path: Path) -> Story:
    other = next(each for each in NAMES if each != name)
    with ExitStack() as stack:
        one = stack.enter_context(ModelServer(copy.deepcopy(path.script)))
        two = stack.enter_context(ModelServer(FINE))
        generator = workshop.generator(
            model_providers=(name, other),
            model_seconds=1.0 if isinstance(path.script, Slow) else 20.0,
            model_output_tokens=256,
            model_prices={each: Price(Decimal(1), Decimal(2)) for each in NAMES},
            **settings_of(name, one.url),
            **settings_of(other, two.url),
        )
        return workshop.generate(workshop.suite(document()), generator)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_a_generation_ends_with_cases_that_hold(
    lasting_workshop: Workshop, name: str, path: Path
) -> None:
    story = told(lasting_workshop, name, path)
    other = next(each for each in NAMES if each != name)
    author = {"one": name, "two": other}[path.author]
    assert (story.generation.status, story.generation.failed) == ("finished", 0)
    [case] = story.cases
    assert offline_checks() <= checks_of(case.script)
    assert checks_of(case.script) - offline_checks() == {"test_model_name"}
    contribution = story.contributions["GET /pets"]
    assert (contribution.provider, case.provider) == (author, author)
    assert bool(contribution.reason) == (path.author == "two")
    assert not contribution.reason or contribution.reason.startswith(f"{name} ")
    assert tuple(contribution.repaired) == path.repaired
    assert tuple(each["name"] for each in contribution.dropped) == path.dropped
    assert tuple(each for who, each in story.outcomes if who == name) == path.outcomes
    assert story.totals.output_tokens > 0
    assert story.totals.cost_micros > 0
    assert {each.model.partition("-")[0] for each in story.requests} <= {name, other}


@pytest.mark.parametrize("name", NAMES)
def test_the_budget_is_exceeded_by_one_answer_at_most(
    lasting_workshop: Workshop, name: str
) -> None:
    """Of four operations, each with an answer of 1200 tokens, the budget has room for two."""
    paths = ("pets", "cats", "dogs", "cows")
    with ModelServer(Checks([])) as server:
        generator = lasting_workshop.generator(
            model_providers=(name,), model_tokens_per_month=2000, **settings_of(name, server.url)
        )
        suite_id = lasting_workshop.suite(document(paths))
        story = lasting_workshop.generate(suite_id, generator)
    reasons = sorted(each.reason for each in story.contributions.values())
    assert (story.generation.status, len(story.cases), len(server.asked)) == ("finished", 4, 2)
    assert reasons == ["", "", *["the suite's 2000 tokens of this month are spent"] * 2]
    with lasting_workshop.sessions() as session:
        spent = ledger.spent(session, suite_id, lasting_workshop.time.now)
    assert spent.tokens == 2400


def test_text_that_nothing_can_send_is_asked_about_all_the_same(
    lasting_workshop: Workshop,
) -> None:
    """JSON may escape half of a surrogate pair, in a description or in an instruction."""
    with ModelServer(FINE) as server:
        generator = lasting_workshop.generator(
            model_providers=("openai",), **settings_of("openai", server.url)
        )
        suite_id = lasting_workshop.suite(document(text="half \ud800"))
        story = lasting_workshop.generate(suite_id, generator, prompt="all \udfff")
    contribution = story.contributions["GET /pets"]
    assert (contribution.reason, contribution.kept) == ("", ["test_model_name"])


def test_where_all_are_away_the_offline_writer_stands_and_says_why(
    lasting_workshop: Workshop,
) -> None:
    with closed_port() as nowhere:
        generator = lasting_workshop.generator(
            model_providers=("compatible", "openai", "gemini"),
            **settings_of("compatible", nowhere),
            **settings_of("openai", nowhere),
        )
        story = lasting_workshop.generate(lasting_workshop.suite(document()), generator)
    [case] = story.cases
    assert case.script == offline_script(document())
    assert case.provider == "offline"
    assert story.contributions["GET /pets"].reason == (
        "gemini needs TESTOPS_GEMINI_API_KEY; compatible is away; openai is away"
    )
    assert story.totals.cost_micros == 0


def test_one_that_is_asked_for_by_name_is_not_replaced(lasting_workshop: Workshop) -> None:
    with ModelServer(Status(401)) as one, ModelServer(FINE) as two:
        generator = lasting_workshop.generator(
            model_providers=("gemini", "openai"),
            **settings_of("gemini", one.url),
            **settings_of("openai", two.url),
        )
        suite_id = lasting_workshop.suite(document())
        story = lasting_workshop.generate(suite_id, generator, provider="gemini")
        assert two.asked == []
    assert story.contributions["GET /pets"].reason == "gemini refused the request (401)"


def checks_of(script: str) -> set[str]:
    found = (node for node in ast.parse(script).body if isinstance(node, ast.FunctionDef))
    return {node.name for node in found if node.name.startswith("test")}


def offline_checks() -> set[str]:
    return checks_of(offline_script(document()))
