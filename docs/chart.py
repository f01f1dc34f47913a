"""The chart's README: every value with what it does, made from the comments of values.yaml."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

CHART = Path(__file__).resolve().parent.parent / "helm" / "ai-testops"

#: `# -- what it does`, with more lines below; then the value's own line.
_COMMENT = re.compile(r" *# (?P<start>-- )?(?P<text>.*)")
_KEY = re.compile(r"(?P<indent> *)(?P<name>[A-Za-z]+):")


@dataclass(frozen=True, slots=True)
class Value:
    """One value: the way to it, its default as JSON, what it does."""

    path: str
    default: str
    explanation: str


def values(text: str) -> Iterator[Value]:
    """The values that a text in the form of values.yaml explains."""
    defaults = yaml.safe_load(text)
    way: list[str] = []
    comment: list[str] = []
    for line in text.splitlines():
        if told := _COMMENT.fullmatch(line):
            comment = [told["text"]] if told["start"] else [*comment, told["text"]] * bool(comment)
        elif key := _KEY.match(line):
            way = [*way[: len(key["indent"]) // 2], key["name"]]
            if comment:
                yield Value(".".join(way), _default(defaults, way), " ".join(comment))
            comment = []


def _default(defaults: object, way: list[str]) -> str:
    for step in way:
        defaults = defaults[step] if isinstance(defaults, dict) else None
    return json.dumps(defaults)


def page() -> str:
    """The README of the chart."""
    rows = [
        f"| `{value.path}` | `{value.default}` | {value.explanation} |"
        for value in values((CHART / "values.yaml").read_text(encoding="utf-8"))
    ]
    return _FRAME.replace(
        "TABLE", "\n".join(["| Value | Default | What it does |", "| --- " * 3 + "|", *rows])
    )


_FRAME = """\
# Chart ai-testops

<!-- Made by `make docs` from values.yaml and docs/chart.py. -->

Every process of [the platform](../../docs/processes.md) in one namespace, as pods without rights.

```
kubectl create namespace testops
kubectl label namespace testops pod-security.kubernetes.io/enforce=restricted
kubectl --namespace testops create secret generic ai-testops \\
  --from-literal=secret-key="$(openssl rand -base64 48)" \\
  --from-literal=postgres-password="$(openssl rand -hex 24)" \\
  --from-literal=flower-basic-auth="admin:$(openssl rand -hex 12)" \\
  --from-literal=admin-email=you@example.org \\
  --from-literal=admin-password="$(openssl rand -hex 12)"
helm install testops helm/ai-testops --namespace testops \\
  --values helm/ai-testops/ci/all-in-one-values.yaml --set image.repository=…
```

That is a trial: one database and one broker without copies. For anything that matters name your own
PostgreSQL (the Secret's key `database-url`) and Kafka (`kafka.brokers`); `ci/` has the values of
every set-up that is tested.

| File in `ci/` | Set-up |
|---|---|
| `all-in-one-values.yaml` | everything inside, for a trial |
| `external-values.yaml` | your PostgreSQL and Kafka (SCRAM), by Helm, runners by KEDA |
| `minimal-values.yaml` | one pod of each process, no Flower, no policies |
| `high-availability-values.yaml` | repeated and scaled, by Argo CD; Kafka by mutual TLS |
| `canary-values.yaml`, `blue-green-values.yaml` | web by Argo Rollouts |
| `every-setting-values.yaml` | every setting, scaled by the CPU's load |

**Secrets** are never made by a template. `secrets.name` names the Secret; its keys are
`secret-key` and `database-url` (with `postgres.enabled` instead `postgres-password`),
`flower-basic-auth` (user:password), and where you want them `admin-email`, `admin-password` and
`smtp-url`. With `secrets.external.enabled` External Secrets makes it. The runner reads none of them
but `secret-key`.

**Kafka with TLS and SASL.** `kafka.security` says how to speak to your brokers, for every process
that does and for KEDA's triggers. User and password are the keys `kafka-username` and
`kafka-password` of `secrets.name`. The authority (`kafka.security.ca.secret`) and our certificate
(`kafka.security.certificate.secret`) are Secrets as Strimzi or cert-manager make them, mounted
read-only. Examples are in
[DEPLOYMENT.md](../../DEPLOYMENT.md#an-external-kafka-with-tls-and-sasl).

**Rights.** Every pod and job meets Pod Security "restricted": user 10001, seccomp RuntimeDefault,
no capabilities, a root that cannot be written to, a ServiceAccount of its own without token. There
is no Role. The runner's cage is attacked under just this profile by the tests, and is `standard`
there ([cage.md](../../docs/cage.md)); on a kernel without Landlock the runner ends with the reason.

**Network.** All connections are denied but those in [connections.yaml](connections.yaml), which is
worked out from the policies of each set-up. What runners may test is `networkPolicy.targets`: by
default everything but private addresses. Hooks of Helm bring their policies along, which come
before them.

**Scaling.** web by the CPU's load (HPA), runner and generator by the lag of their queues (KEDA), at
most as many as their topics have partitions. What runs counts as lag, since offsets move when work
is done, so nothing is taken away while it works; at least one stays, since Kafka forgets the
offsets of a group without members.

**Roll-outs.** web rolls by itself, or with `web.rollout.enabled` by Argo Rollouts: as a canary in
steps or blue-green. Each step is judged by web's own metrics: the share of answers 5xx of the new
pods, which neither no traffic nor NaN counts against; where Prometheus does not see the new pods at
all, nothing is judged and the roll-out waits for somebody to look. Without `trafficRouting` a share
is one of pods: of two pods 10 % are one. Processes that read queues get no such shares: messages
come by partition, and whoever owns a partition gets all of it. They roll by `rollShare` of their
pods, and `runner.paused` or `generator.paused` stops a roll-out where it is, with the new pods
working beside the old ones.

**Jobs.** `migrate` and `topics` run first: before an installation or upgrade by Helm
(`migrations.mode` "helm"), in a wave of Argo CD's synchronisation ("argocd"), or as ordinary Jobs
that the others wait for ("none"). A migration only adds
([migrations.md](../../docs/migrations.md)), so the release before it goes on working meanwhile.
`helm uninstall` leaves its hooks: delete the Jobs, ServiceAccounts and NetworkPolicies
`…-migrate` and `…-topics` by hand.

## Values

TABLE
"""
