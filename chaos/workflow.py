"""`python -m chaos.workflow`: writes workflow.yaml, one experiment after the other with its checks.

Before each the platform is steady; while it lasts everything stays bearable, or the workflow is
aborted, which ends the fault; after it the platform is steady again within its time to recover.
Where web may refuse meanwhile, only what comes after it is judged.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from chaos.faults import FAULTS, Fault

FOLDER: Final = Path(__file__).resolve().parent
NAMESPACE: Final = "testops-dev"
_JUDGE: Final = f"http://chaos-judge.{NAMESPACE}.svc:8080"
_EVERY_SECONDS: Final = 5
#: So often in a row it must be steady: 15 s.
_IN_A_ROW: Final = 3
#: The judge has just been deployed, or waits for the end of its first run.
_FIRST_SECONDS: Final = 300
#: What Chaos Mesh needs to begin and to end a fault.
_MARGIN_SECONDS: Final = 30

Template = dict[str, Any]


def workflow() -> dict[str, Any]:
    """The Workflow (chaos-mesh.org/v1alpha1)."""
    steps = ["steady-at-first", *(f"{fault.name}-round" for fault in FAULTS)]
    templates = [
        _serial("everything", steps, _FIRST_SECONDS + _MARGIN_SECONDS + sum(map(_seconds, FAULTS))),
        _steady("steady-at-first", _FIRST_SECONDS),
    ]
    for fault in FAULTS:
        templates += _round(fault)
    return {
        "apiVersion": "chaos-mesh.org/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": "testops-chaos", "namespace": NAMESPACE},
        "spec": {"entry": "everything", "templates": templates},
    }


def _round(fault: Fault) -> list[Template]:
    name, watch, recovery = fault.name, f"{fault.name}-bearable", f"{fault.name}-recovery"
    both = {
        "name": f"{name}-watched",
        "templateType": "Parallel",
        "deadline": f"{fault.seconds + _MARGIN_SECONDS}s",
        "children": [name, watch],
    }
    watched = [
        both,
        _check(watch, "bearable", fault.seconds, {"mode": "Continuous", "failureThreshold": 2}),
    ]
    first = name if fault.may_refuse else f"{name}-watched"
    return [
        _serial(f"{name}-round", [first, recovery], _seconds(fault)),
        *([] if fault.may_refuse else watched),
        _broken(fault),
        _steady(recovery, fault.recovery_seconds),
    ]


def _seconds(fault: Fault) -> int:
    return fault.seconds + fault.recovery_seconds + 2 * _MARGIN_SECONDS


def _serial(name: str, children: list[str], seconds: int) -> Template:
    return {
        "name": name,
        "templateType": "Serial",
        "deadline": f"{seconds}s",
        "children": children,
    }


def _broken(fault: Fault) -> Template:
    """The experiment of that name; in a workflow the deadline takes the place of a duration."""
    text = (FOLDER / "experiments" / f"{fault.name}.yaml").read_text("utf-8")
    experiment = yaml.safe_load(text)
    spec = {key: value for key, value in experiment["spec"].items() if key != "duration"}
    kind = experiment["kind"]
    return {
        "name": fault.name,
        "templateType": kind,
        "deadline": f"{fault.seconds}s",
        # IOChaos is ioChaos, PodChaos podChaos.
        kind.removesuffix("Chaos").lower() + "Chaos": spec,
    }


def _steady(name: str, seconds: int) -> Template:
    limits = {
        "mode": "Synchronous",
        "successThreshold": _IN_A_ROW,
        "failureThreshold": seconds // _EVERY_SECONDS,
    }
    return _check(name, "steady", seconds + _MARGIN_SECONDS, limits)


def _check(name: str, verdict: str, seconds: int, limits: Template) -> Template:
    return {
        "name": name,
        "templateType": "StatusCheck",
        "deadline": f"{seconds}s",
        "abortWithStatusCheck": True,
        "statusCheck": {
            **limits,
            "type": "HTTP",
            "intervalSeconds": _EVERY_SECONDS,
            "timeoutSeconds": _EVERY_SECONDS,
            "http": {
                "url": f"{_JUDGE}/{verdict}",
                "method": "GET",
                "criteria": {"statusCode": "200"},
            },
        },
    }


def text() -> str:
    """The file."""
    body = yaml.safe_dump(workflow(), sort_keys=False, width=100)
    return f"# Made by `python -m chaos.workflow` from faults.py and experiments/.\n{body}"


if __name__ == "__main__":
    (FOLDER / "workflow.yaml").write_text(text(), encoding="utf-8")
