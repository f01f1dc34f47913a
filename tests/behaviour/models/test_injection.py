"""Texts in a description that talk to the model, and a model that obeys every one of them.

Each row is an attack: what stands in the description, and what a model that does as it is told
answers. What comes of it is the last column: nothing but a check that is refused, and the case as
the offline writer wrote it. `docs/injection.md` is this table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from app.ai import offline
from app.services import descriptions
from tests.behaviour.models import injections
from tests.behaviour.models.injections import Attack
from tests.behaviour.models.support import Story, Workshop
from tests.fakes.models import Asked, Checks, ModelServer, Reply
from tests.shared_material import ROOT

pytestmark = pytest.mark.xdist_group("injection")

_OPERATION = re.compile(r'"operation": "GET /(\d+)"')


@dataclass(frozen=True)
class Siege:
    """All attacks in one description, and what came of it."""

    story: Story
    #: What the model was told first, by the attack's number.
    told: dict[int, Asked]
    #: What the offline writer writes alone, by operation.
    alone: dict[str, str]


def obedient(asked: Asked) -> Reply:
    """Does as it is told by the description, and has nothing to put right."""
    text = asked.body["messages"][1]["content"]
    found = _OPERATION.search(text)
    if not found or "Repair 1" in text:
        return Checks([])
    return Checks([injections.ATTACKS[int(found[1])].answer])


@pytest.fixture(scope="module")
def siege(lasting_workshop: Workshop) -> Siege:
    data = injections.document()
    with ModelServer(obedient) as server:
        generator = lasting_workshop.generator(
            model_providers=("compatible",),
            compatible_base_url=server.openai,
            compatible_model="m",
            model_requests_per_minute=10_000,
        )
        story = lasting_workshop.generate(lasting_workshop.suite(data), generator)
    told: dict[int, Asked] = {}
    for asked in server.asked:
        found = _OPERATION.search(asked.body["messages"][1]["content"])
        if found:
            told.setdefault(int(found[1]), asked)
    description = descriptions.read_bytes(data).description
    alone = {each.operation: each.script for each in offline.write_suite(description)}
    return Siege(story, told, alone)


@pytest.mark.parametrize("number", range(len(injections.ATTACKS)), ids=injections.name_of)
def test_a_model_that_obeys_a_description_adds_nothing(siege: Siege, number: int) -> None:
    attack: Attack = injections.ATTACKS[number]
    instructions, told = (each["content"] for each in siege.told[number].body["messages"])
    outside = re.sub(r"<data (\w+ \w+)>.*?</data \1>", "", told, flags=re.DOTALL)
    assert attack.words in told
    assert attack.words not in outside
    assert attack.words not in instructions
    key = f"GET /{number}"
    [case] = [each for each in siege.story.cases if each.operation == key]
    assert case.script == siege.alone[key]
    [dropped] = siege.story.contributions[key].dropped
    assert attack.refused_for in " ".join(dropped["problems"])


def test_the_paper_has_this_table() -> None:
    assert (ROOT / "docs" / "injection.md").read_text(encoding="utf-8") == injections.page()
