"""From a suite to a case with a model's checks, over HTTP."""

from __future__ import annotations

from tests.behaviour.models.support import Workshop, document, good, offline_script
from tests.fakes.models import Checks, ModelServer


def test_a_compatible_server_adds_a_check(workshop: Workshop) -> None:
    data = document()
    with ModelServer(Checks([good()])) as server:
        generator = workshop.generator(
            model_providers=("compatible",), compatible_base_url=server.openai, compatible_model="m"
        )
        story = workshop.generate(workshop.suite(data), generator, prompt="names, please")
        [asked] = server.asked
    assert "names, please" in asked.text
    assert (story.generation.status, story.generation.written) == ("finished", 1)
    [case] = story.cases
    assert "def test_model_name(api: Api) -> None:" in case.script
    for line in offline_script(data).splitlines():
        assert line in case.script
    assert case.provider == "compatible"
    assert story.contributions["GET /pets"].kept == ["test_model_name"]
    assert story.totals.input_tokens == 1000
