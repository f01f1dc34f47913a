"""All rules, by name."""

from __future__ import annotations

from collections.abc import Mapping

from tests.deploy.findings import Rule
from tests.deploy.rules import (
    argocd,
    chaos,
    contents,
    hooks,
    kafka,
    monitoring,
    network,
    rights,
    rollouts,
    scaling,
    schemas,
    selectors,
    timing,
)

#: What holds of every rendering of the chart.
RULES: Mapping[str, Rule] = {
    "a workload selects its own pods": selectors.workloads,
    "a Service has pods and ports": selectors.services,
    "a probe asks a port that is there": selectors.probes,
    "a budget lets nodes be drained": selectors.budgets,
    "every process is watched": selectors.monitors,
    "an autoscaler has a target": selectors.scale_targets,
    "an Ingress leads somewhere": selectors.ingresses,
    "an Ingress takes what web takes": selectors.uploads,
    "an account for each, and no rights": selectors.accounts,
    "names are unique": selectors.names,
    "mounts have volumes": contents.volumes,
    "keys of Secrets are made": contents.secret_keys,
    "variables are set once": contents.variables,
    "quantities can be read": contents.quantities,
    "images are pinned": contents.images,
    "every pod is restricted": rights.restricted,
    "one decides how many": scaling.one_decides,
    "as many as there are partitions": scaling.bounds,
    "KEDA asks as the transport reads": scaling.triggers,
    "all speak to Kafka alike": kafka.alike,
    "files for Kafka are there": kafka.files,
    "KEDA signs in as the worker does": kafka.triggers,
    "KEDA's fallback is within its bounds": scaling.fallbacks,
    "KEDA looks often enough": timing.polling,
    "a stop leaves time": timing.grace,
    "lost is later than slow": timing.lost_work,
    "probes are patient": timing.probes,
    "a heartbeat is looked at": timing.heartbeats,
    "nobody is unready for others": timing.readiness,
    "jobs end": timing.jobs,
    "hooks are of one family": hooks.one_family,
    "jobs come first": hooks.before_all_else,
    "queries name metrics": monitoring.queries,
    "alerts explain themselves": monitoring.alerts,
    "a roll-out has one strategy": rollouts.strategies,
    "shares grow and are looked at": rollouts.steps,
    "analyses are there": rollouts.references,
    "analyses judge what can be judged": rollouts.analyses,
    "all is denied first": network.denied_by_default,
    "policies are well formed": network.well_formed,
    "names are resolved": network.names_are_resolved,
    "the runner is apart": network.runner_apart,
    "schemas, oldest Kubernetes": schemas.of_kubernetes(schemas.VERSIONS[0]),
    "schemas, newest Kubernetes": schemas.of_kubernetes(schemas.VERSIONS[-1]),
    "KEDA knows every key": schemas.triggers,
}

#: What holds of the manifests in argocd/.
ARGOCD_RULES: Mapping[str, Rule] = {
    "applications come from somewhere": argocd.sources,
    "chart and image come together": argocd.releases,
    "projects allow what is deployed": argocd.projects,
    "Git is what there is": argocd.synchronised,
    "replicas are the autoscaler's": argocd.replicas,
    "somebody is told": argocd.subscriptions,
    "what is told is there": argocd.triggers,
    "sync options are known": schemas.sync_options,
    "schemas, oldest Kubernetes": RULES["schemas, oldest Kubernetes"],
    "schemas, newest Kubernetes": RULES["schemas, newest Kubernetes"],
}

#: What holds of the experiments in chaos/.
CHAOS_RULES: Mapping[str, Rule] = {
    "experiments have an aim": chaos.aims,
    "a disk can be taken away": chaos.disks,
    "stress is felt": chaos.stress,
    "the judge sees what it judges": chaos.judges,
}
