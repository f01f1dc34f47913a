"""What a model adds to the demo's cases, measured: it is good at some operations, bad at others."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass, field
from importlib import resources

from app.ai import offline
from app.services import descriptions
from tests.behaviour.models.support import Workshop
from tests.fakes.models import Asked, Checks, ModelServer, Reply, Status
from tests.shared_material import ROOT

_OPERATION = re.compile(r'"operation": "(?P<key>(?P<method>[A-Z]+) (?P<path>[^"]+))"')
_POINTER = re.compile(r'"pointer": "([^"]+)"')


@dataclass
class Talent:
    """A model whose answer depends on the operation, always in the same way."""

    #: How often each operation was asked for.
    turns: Counter[str] = field(default_factory=Counter)

    def __call__(self, asked: Asked) -> Reply:
        text = asked.body["messages"][1]["content"]
        found, pointer = _OPERATION.search(text), _POINTER.search(text)
        assert found
        assert pointer
        self.turns[found["key"]] += 1
        return self._answer(found, pointer[1], self.turns[found["key"]])

    def _answer(self, found: re.Match[str], pointer: str, turn: int) -> Reply:
        ask = f'response = api.request("{found["method"]}", "{found["path"]}")'
        good = [ask, "expect.documented(response)", "assert response.status < 500"]
        kind = _kind(found["key"])
        if kind == "good":
            return Checks([self._check("test_good", pointer, good)])
        if kind == "repaired":
            # Wrong at first, put right with the problems at hand.
            lines = good if turn > 1 else [ask, "assert True"]
            return Checks([self._check("test_repaired", pointer, lines)])
        if kind == "refused":
            return Status(400)
        return Checks([self._check("test_stubborn", pointer, [ask, "assert response"])])

    def _check(self, name: str, pointer: str, lines: list[str]) -> tuple[str, str, str, str]:
        body = "\n".join(f"    {line}" for line in lines)
        return (name, "It does.", pointer, f"def {name}(api: Api) -> None:\n{body}\n")


def test_checks_are_kept_repaired_and_dropped_and_no_offline_check_is_lost(
    workshop: Workshop,
) -> None:
    data = (resources.files("demo") / "openapi.yaml").read_bytes()
    with ModelServer(Talent()) as server:
        generator = workshop.generator(
            model_providers=("compatible",),
            compatible_base_url=server.openai,
            compatible_model="m",
            model_requests_per_minute=10_000,
        )
        story = workshop.generate(workshop.suite(data), generator)
    fates: Counter[str] = Counter()
    for each in story.contributions.values():
        fates["kept"] += len(set(each.kept) - set(each.repaired))
        fates["repaired"] += len(each.repaired)
        fates["dropped"] += len(each.dropped)
    description = descriptions.read_bytes(data).description
    alone = {each.operation: functions(each.script) for each in offline.write_suite(description)}
    written = {each.operation: functions(each.script) for each in story.cases}
    lost = [
        (key, name)
        for key, checks in alone.items()
        for name, source in checks.items()
        if written[key].get(name) != source
    ]
    added = {key: sorted(written[key].keys() - alone[key].keys()) for key in alone}
    kinds = Counter(map(_kind, alone))
    assert lost == []
    assert kinds["good"] == sum(names == ["test_good"] for names in added.values())
    assert dict(fates) == {
        "kept": kinds["good"],
        "repaired": kinds["repaired"],
        "dropped": kinds["stubborn"],
    }
    assert min(kinds.values()) > 0
    refused = [each.reason for key, each in story.contributions.items() if key[:6] == "DELETE"]
    assert refused == ["compatible does not take this question (400)"] * kinds["refused"]


def test_the_paper_tells_these_figures() -> None:
    data = (resources.files("demo") / "openapi.yaml").read_bytes()
    kinds = Counter(
        _kind(each.key) for each in descriptions.read_bytes(data).description.operations
    )
    told = " ".join((ROOT / "docs" / "models.md").read_text(encoding="utf-8").split())
    assert (
        f"the demo's {kinds.total()} operations with a scripted model that is good at some and "
        f"bad at others: {kinds['good']} checks kept at once, "
        f"{kinds['repaired']} kept after a repair, "
        f"{kinds['stubborn']} dropped, {kinds['refused']} question refused"
    ) in told


def _kind(key: str) -> str:
    """What becomes of the check of an operation."""
    method, _, path = key.partition(" ")
    if method == "DELETE":
        return "refused"
    kinds = {"GET": "good", "POST": "repaired"}
    return "stubborn" if "{" in path else kinds.get(method, "stubborn")


def functions(script: str) -> dict[str, str]:
    """What stands at the top of a module, by name, each as it is written."""
    found = (node for node in ast.parse(script).body if isinstance(node, ast.FunctionDef))
    return {node.name: ast.get_source_segment(script, node) or "" for node in found}
