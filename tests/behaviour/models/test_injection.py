"""Texts in a description that talk to the model, and a model that obeys every one of them.

Each row is an attack: what stands in the description, and what a model that does as it is told
answers. What comes of it is the last column: nothing but a check that is refused, and the case as
the offline writer wrote it. `docs/injection.md` is this table.
"""

from __future__ import annotations

import re

import pytest

from tests.behaviour.models import injections
from tests.behaviour.models.injections import Attack
from tests.behaviour.models.support import Workshop, document, offline_script
from tests.fakes.models import Checks, ModelServer
from tests.shared_material import ROOT


@pytest.mark.parametrize("attack", injections.ATTACKS, ids=lambda each: each.name)
def test_a_model_that_obeys_a_description_adds_nothing(workshop: Workshop, attack: Attack) -> None:
    data = document(text=attack.text)
    with ModelServer(Checks([attack.answer])) as server:
        generator = workshop.generator(
            model_providers=("compatible",), compatible_base_url=server.openai, compatible_model="m"
        )
        story = workshop.generate(workshop.suite(data), generator)
        asked = server.asked[0]
    told = asked.body["messages"][1]["content"]
    outside = re.sub(r"<data (\w+ \w+)>.*?</data \1>", "", told, flags=re.DOTALL)
    assert attack.words in told
    assert attack.words not in outside
    assert attack.words not in asked.body["messages"][0]["content"]
    [case] = story.cases
    assert case.script == offline_script(data)
    [dropped] = story.contributions["GET /pets"].dropped
    assert attack.refused_for in " ".join(dropped["problems"])


def test_the_paper_has_this_table() -> None:
    assert (ROOT / "docs" / "injection.md").read_text(encoding="utf-8") == injections.page()
