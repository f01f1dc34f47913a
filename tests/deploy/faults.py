"""Faults that were made in charts before, each with the rule that has to catch it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.deploy.objects import Object

#: Objects that may be changed: kind, component or name → body.
Draft = Callable[[str, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing done wrong in a rendering of a set-up."""

    name: str
    rule: str
    do: Callable[[Draft, list[Object]], object]
    set_up: str = "all-in-one"

    def seeded(self, objects: tuple[Object, ...]) -> tuple[Object, ...]:
        """The objects with the fault; those given stay whole."""
        mine = [each.copied() for each in objects]

        def draft(kind: str, component: str) -> dict[str, Any]:
            [found] = [o for o in mine if o.kind == kind and component in {o.component, o.name}]
            body: dict[str, Any] = found.body  # type: ignore[assignment]  # copied to be changed
            return body

        self.do(draft, mine)
        return tuple(mine)


def _container(draft: Draft, kind: str, component: str) -> dict[str, Any]:
    found: dict[str, Any] = draft(kind, component)["spec"]["template"]["spec"]["containers"][0]
    return found


def _pod(draft: Draft, kind: str, component: str) -> dict[str, Any]:
    found: dict[str, Any] = draft(kind, component)["spec"]["template"]["spec"]
    return found


def _kafka(draft: Draft, component: str) -> dict[str, Any]:
    found: dict[str, Any] = draft("ScaledObject", component)["spec"]["triggers"][0]["metadata"]
    return found


def _rename(node: dict[str, Any], old: str, new: str) -> None:
    node[new] = node.pop(old)


def _env(draft: Draft, component: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each for each in _container(draft, "Deployment", component)["env"] if each["name"] == name
    )
    return found


def _twice(draft: Draft, objects: list[Object]) -> None:
    """An HPA beside KEDA's own."""
    body = copy.deepcopy(draft("HorizontalPodAutoscaler", "web"))
    body["metadata"] = copy.deepcopy(draft("ScaledObject", "runner")["metadata"])
    body["spec"]["scaleTargetRef"]["name"] = draft("Deployment", "runner")["metadata"]["name"]
    objects.append(Object(body))


def _helm_too(draft: Draft, _objects: list[Object]) -> None:
    notes = draft("Job", "migrate")["metadata"]["annotations"]
    notes |= {"helm.sh/hook": "pre-install,pre-upgrade"}
    notes |= {"helm.sh/hook-delete-policy": "before-hook-creation"}


def _without(kind: str, component: str) -> Callable[[Draft, list[Object]], None]:
    def drop(_draft: Draft, objects: list[Object]) -> None:
        objects[:] = [o for o in objects if (o.kind, o.component) != (kind, component)]

    return drop


def _egress(draft: Draft, component: str, number: int) -> dict[str, Any]:
    found: dict[str, Any] = draft("NetworkPolicy", component)["spec"]["egress"][number]
    return found


HA, CANARY, ARGOCD, CHAOS = "high-availability", "canary", "argocd", "chaos"


def _application(draft: Draft, name: str) -> dict[str, Any]:
    found: dict[str, Any] = draft("Application", name)["spec"]
    return found


def _canary(draft: Draft) -> dict[str, Any]:
    found: dict[str, Any] = draft("Rollout", "web")["spec"]["strategy"]["canary"]
    return found


def _metric(draft: Draft, number: int) -> dict[str, Any]:
    found: dict[str, Any] = draft("AnalysisTemplate", "web")["spec"]["metrics"][number]
    return found


FAULTS = (
    Fault("a label of the pods is misspelt", "a workload selects its own pods",
          lambda d, _: d("Deployment", "web")["spec"]["template"]["metadata"]["labels"].update(
              {"app.kubernetes.io/component": "wbe"})),
    Fault("a selector takes every pod of the release", "a workload selects its own pods",
          lambda d, _: d("Deployment", "scheduler")["spec"]["selector"]["matchLabels"].pop(
              "app.kubernetes.io/component")),
    Fault("a Service selects nobody", "a Service has pods and ports",
          lambda d, _: d("Service", "web")["spec"]["selector"].update(
              {"app.kubernetes.io/component": "server"})),
    Fault("a Service sends to a port that nobody opens", "a Service has pods and ports",
          lambda d, _: d("Service", "flower")["spec"]["ports"][0].update(targetPort=5556)),
    Fault("a probe asks a port of another name", "a probe asks a port that is there",
          lambda d, _: _container(d, "Deployment", "web")["livenessProbe"]["httpGet"].update(
              port="web")),
    Fault("a budget lets no pod go", "a budget lets nodes be drained",
          lambda d, _: d("PodDisruptionBudget", "runner")["spec"].update(maxUnavailable=0)),
    Fault("the monitor passes a process over", "every process is watched",
          lambda d, _: d("PodMonitor", "monitoring")["spec"]["selector"]["matchExpressions"][0][
              "values"].append("bridge-relay"), HA),
    Fault("an autoscaler's target is misspelt", "an autoscaler has a target",
          lambda d, _: d("ScaledObject", "runner")["spec"]["scaleTargetRef"].update(
              name="runner"), HA),
    Fault("an Ingress names a port that the Service has not", "an Ingress leads somewhere",
          lambda d, _: d("Ingress", "web")["spec"]["rules"][0]["http"]["paths"][0]["backend"][
              "service"]["port"].update(name="https"), HA),
    Fault("an Ingress that takes no description of two megabytes",
          "an Ingress takes what web takes",
          lambda d, _: d("Ingress", "web")["metadata"]["annotations"].clear(), HA),
    Fault("two processes share an account", "an account for each, and no rights",
          lambda d, _: _pod(d, "Deployment", "runner").update(
              serviceAccountName=_pod(d, "Deployment", "web")["serviceAccountName"])),
    Fault("two objects of one name", "names are unique",
          lambda d, objects: objects.append(Object(copy.deepcopy(d("Service", "web"))))),
    Fault("a mount without a volume", "mounts have volumes",
          lambda d, _: _pod(d, "Deployment", "runner").update(volumes=[])),
    Fault("a key of the Secret that nobody makes", "keys of Secrets are made",
          lambda d, _: _env(d, "web", "TESTOPS_DATABASE_URL")["valueFrom"]["secretKeyRef"].update(
              key="database-uri"), HA),
    Fault("an address that names a variable behind it", "variables are set once",
          lambda d, _: _container(d, "Deployment", "web")["env"].reverse()),
    Fault("512MB of memory", "quantities can be read",
          lambda d, _: _container(d, "Deployment", "web")["resources"]["limits"].update(
              memory="512MB")),
    Fault("a request above its limit", "quantities can be read",
          lambda d, _: _container(d, "Deployment", "web")["resources"]["requests"].update(
              memory="2Gi")),
    Fault("an image that is called latest", "images are pinned",
          lambda d, _: _container(d, "StatefulSet", "kafka").update(image="apache/kafka:latest")),
    Fault("a job that runs as root", "every pod is restricted",
          lambda d, _: _pod(d, "Job", "migrate")["securityContext"].update(runAsUser=0)),
    Fault("a capability for the runner", "every pod is restricted",
          lambda d, _: _container(d, "Deployment", "runner")["securityContext"][
              "capabilities"].update(add=["SYS_ADMIN"])),
    Fault("a pod without a seccomp profile", "every pod is restricted",
          lambda d, _: _pod(d, "StatefulSet", "postgres")["securityContext"].pop(
              "seccompProfile")),
    Fault("replicas beside KEDA", "one decides how many",
          lambda d, _: d("Deployment", "runner")["spec"].update(replicas=3), HA),
    Fault("KEDA and an HPA on one workload", "one decides how many", _twice, HA),
    Fault("more runners than partitions", "as many as there are partitions",
          lambda d, _: d("ScaledObject", "runner")["spec"].update(maxReplicaCount=13), HA),
    Fault("a scale to nothing", "as many as there are partitions",
          lambda d, _: d("ScaledObject", "generator")["spec"].update(minReplicaCount=0), HA),
    Fault("another consumer group than the transport's", "KEDA asks as the transport reads",
          lambda d, _: _kafka(d, "runner").update(consumerGroup="runners"), HA),
    Fault("a threshold that is not the concurrency", "KEDA asks as the transport reads",
          lambda d, _: _kafka(d, "runner").update(lagThreshold="10"), HA),
    Fault("a typo in a trigger's key", "KEDA knows every key",
          lambda d, _: _rename(_kafka(d, "generator"), "lagThreshold", "lagTreshold"), HA),
    Fault("a process that speaks plainly where others use TLS", "all speak to Kafka alike",
          lambda d, _: _env(d, "flower", "TESTOPS_KAFKA_SECURITY_PROTOCOL").update(
              value="PLAINTEXT"), "external"),
    Fault("a process that signs in as somebody else", "all speak to Kafka alike",
          lambda d, _: _env(d, "runner", "TESTOPS_KAFKA_SASL_PASSWORD")["valueFrom"][
              "secretKeyRef"].update(key="runner-password"), "external"),
    Fault("an authority that no volume brings", "files for Kafka are there",
          lambda d, _: _env(d, "runner", "TESTOPS_KAFKA_SSL_CA_FILE").update(
              value="/etc/ssl/kafka/ca.crt"), "external"),
    Fault("a private key that can be written to", "files for Kafka are there",
          lambda d, _: _container(d, "Deployment", "runner")["volumeMounts"][-1].pop("readOnly"),
          HA),
    Fault("a trigger that knows no password", "KEDA signs in as the worker does",
          lambda d, _: d("ScaledObject", "runner")["spec"]["triggers"][0].pop(
              "authenticationRef"), "external"),
    Fault("a trigger that proves the password another way", "KEDA signs in as the worker does",
          lambda d, _: _kafka(d, "runner").update(sasl="scram_sha256"), "external"),
    Fault("a trigger without TLS", "KEDA signs in as the worker does",
          lambda d, _: _kafka(d, "generator").pop("tls"), HA),
    Fault("a trigger with another certificate", "KEDA signs in as the worker does",
          lambda d, _: d("TriggerAuthentication", "kafka")["spec"]["secretTargetRef"][1].update(
              name="testops-tls"), HA),
    Fault("a mechanism as Kafka spells it", "KEDA knows every key",
          lambda d, _: _kafka(d, "runner").update(sasl="SCRAM-SHA-512"), "external"),
    Fault("no scale-down window", "KEDA's fallback is within its bounds",
          lambda d, _: d("ScaledObject", "runner")["spec"].pop("advanced"), HA),
    Fault("KEDA that looks every ten minutes", "KEDA looks often enough",
          lambda d, _: d("ScaledObject", "runner")["spec"].update(pollingInterval=600), HA),
    Fault("a slow case that counts as lost", "lost is later than slow",
          lambda d, _: _env(d, "scheduler", "TESTOPS_STALE_AFTER_SECONDS").update(value="60")),
    Fault("a job without an end", "jobs end",
          lambda d, _: d("Job", "topics")["spec"].pop("activeDeadlineSeconds")),
    Fault("a runner that is killed within a case", "a stop leaves time",
          lambda d, _: _pod(d, "Deployment", "runner").update(terminationGracePeriodSeconds=90),
          HA),
    Fault("a generator that is killed while it waits for an answer", "a stop leaves time",
          lambda d, _: _pod(d, "Deployment", "generator").update(
              terminationGracePeriodSeconds=60), "every-setting"),
    Fault("web stops at once", "a stop leaves time",
          lambda d, _: _container(d, "Deployment", "web").pop("lifecycle")),
    Fault("liveness that kills for one late answer", "probes are patient",
          lambda d, _: _container(d, "Deployment", "runner")["livenessProbe"].update(
              failureThreshold=1)),
    Fault("nobody writes the heartbeat", "a heartbeat is looked at",
          lambda d, _: _env(d, "scheduler", "TESTOPS_HEARTBEAT_FILE").update(
              name="TESTOPS_HEARTBEAT")),
    Fault("readiness that hangs on the database", "nobody is unready for others",
          lambda d, _: _container(d, "Deployment", "web")["readinessProbe"]["httpGet"].update(
              path="/readyz")),
    Fault("hooks of Helm and of Argo CD on one Job", "hooks are of one family", _helm_too, HA),
    Fault("a Job that comes after what needs it", "jobs come first",
          lambda d, _: d("Job", "topics")["metadata"]["annotations"].update(
              {"argocd.argoproj.io/sync-wave": "1"}), HA),
    Fault("a hook whose account is not there yet", "jobs come first",
          lambda d, _: d("ServiceAccount", "migrate")["metadata"].pop("annotations"), "external"),
    Fault("a hook under the policy of the release before", "jobs come first",
          lambda d, _: d("NetworkPolicy", "migrate")["metadata"].pop("annotations"), "external"),
    Fault("an alert on a metric that nobody has", "queries name metrics",
          lambda d, _: d("PrometheusRule", "monitoring")["spec"]["groups"][0]["rules"][1].update(
              expr="max(testops_outbox_size) > 1000"), HA),
    Fault("an alert that does not say how bad it is", "alerts explain themselves",
          lambda d, _: d("PrometheusRule", "monitoring")["spec"]["groups"][0]["rules"][0].pop(
              "labels"), HA),
    Fault("a canary and blue-green at once", "a roll-out has one strategy",
          lambda d, _: d("Rollout", "web")["spec"]["strategy"].update(
              blueGreen={"activeService": "testops-web"}), CANARY),
    Fault("a canary without a Service of its own", "a roll-out has one strategy",
          lambda d, _: _canary(d).update(canaryService="testops-web"), CANARY),
    Fault("a share of 150", "shares grow and are looked at",
          lambda d, _: _canary(d)["steps"][2].update(setWeight=150), CANARY),
    Fault("a step that nobody looks at", "shares grow and are looked at",
          lambda d, _: _canary(d)["steps"].pop(1), CANARY),
    Fault("an analysis that is not there", "analyses are there",
          lambda d, _: _canary(d)["steps"][1]["analysis"]["templates"][0].update(
              templateName="success-rate"), CANARY),
    Fault("an analysis without its argument", "analyses are there",
          lambda d, _: d("Rollout", "web")["spec"]["strategy"]["blueGreen"][
              "prePromotionAnalysis"].pop("args"), "blue-green"),
    Fault("a judgement that breaks on no data", "analyses judge what can be judged",
          lambda d, _: _metric(d, 1).update(successCondition="result[0] <= 0.02"), CANARY),
    Fault("a judgement that takes NaN for good", "analyses judge what can be judged",
          lambda d, _: _metric(d, 1).update(
              failureCondition="len(result) > 0 && result[0] > 0.02"), CANARY),
    Fault("a judgement that passes with no data at all", "analyses judge what can be judged",
          lambda d, _: _metric(d, 0).update(count=2, inconclusiveLimit=2), CANARY),
    Fault("a query of a metric that web has not", "queries name metrics",
          lambda d, _: _metric(d, 1)["provider"]["prometheus"].update(
              query='sum(rate(http_requests_total{hash="{{args.hash}}"}[5m]))'), CANARY),
    Fault("an HPA that scales a Deployment that is a Rollout", "an autoscaler has a target",
          lambda d, _: d("HorizontalPodAutoscaler", "web")["spec"]["scaleTargetRef"].update(
              kind="Deployment"), CANARY),
    Fault("values of an environment that is not there", "applications come from somewhere",
          lambda d, _: _application(d, "testops-dev")["source"]["helm"].update(
              valueFiles=["../../argocd/environments/develop/values.yaml"]), ARGOCD),
    Fault("production takes the chart of main", "chart and image come together",
          lambda d, _: _application(d, "testops-production").update(
              source=copy.deepcopy(_application(d, "testops-dev")["source"]) | {
                  "helm": copy.deepcopy(
                      _application(d, "testops-production")["sources"][0]["helm"])}), ARGOCD),
    Fault("any chart of a range", "chart and image come together",
          lambda d, _: _application(d, "testops-staging")["sources"][0].update(
              targetRevision="0.*"), ARGOCD),
    Fault("values of a reference that is not there", "applications come from somewhere",
          lambda d, _: _application(d, "testops-staging")["sources"][1].pop("ref"), ARGOCD),
    Fault("an environment that may make applications", "projects allow what is deployed",
          lambda d, _: d("AppProject", "ai-testops")["spec"]["namespaceResourceWhitelist"].append(
              {"group": "argoproj.io", "kind": "Application"}), ARGOCD),
    Fault("a chart out of a registry that the project does not allow",
          "projects allow what is deployed",
          lambda d, _: _application(d, "testops-staging")["sources"][0].update(
              repoURL="registry.example.com/charts"), ARGOCD),
    Fault("a kind that the project does not allow", "projects allow what is deployed",
          lambda d, _: d("AppProject", "ai-testops")["spec"]["namespaceResourceWhitelist"].pop(),
          ARGOCD),
    Fault("a namespace that the project does not allow", "projects allow what is deployed",
          lambda d, _: _application(d, "testops-production")["destination"].update(
              namespace="default"), ARGOCD),
    Fault("an application that does not heal itself", "Git is what there is",
          lambda d, _: _application(d, "testops-production")["syncPolicy"]["automated"].pop(
              "selfHeal"), ARGOCD),
    Fault("a fight with what the server fills in", "Git is what there is",
          lambda d, _: d("Application", "testops-dev")["metadata"]["annotations"].pop(
              "argocd.argoproj.io/compare-options"), ARGOCD),
    Fault("a fight with the autoscaler", "replicas are the autoscaler's",
          lambda d, _: _application(d, "testops-production").pop("ignoreDifferences"), ARGOCD),
    Fault("differences that are passed over in vain", "replicas are the autoscaler's",
          lambda d, _: _application(d, "testops-staging")["syncPolicy"]["syncOptions"].remove(
              "RespectIgnoreDifferences=true"), ARGOCD),
    Fault("a subscription to a trigger that is not there", "somebody is told",
          lambda d, _: d("Application", "testops-dev")["metadata"]["annotations"].update(
              {"notifications.argoproj.io/subscribe.on-failure.email": "a@example.org"}), ARGOCD),
    Fault("a trigger that sends nothing", "what is told is there",
          lambda d, _: d("ConfigMap", "argocd-notifications-cm")["data"].pop(
              "template.sync-failed"), ARGOCD),
    Fault("a sync option that Argo CD passes over", "sync options are known",
          lambda d, _: _application(d, "testops-dev")["syncPolicy"]["syncOptions"].append(
              "CreateNamespaces=true"), ARGOCD),
    Fault("an experiment where broker and database are others'", "experiments have an aim",
          lambda d, _: d("PodChaos", "broker-away")["metadata"].update(
              namespace="testops-staging"), CHAOS),
    Fault("an experiment on a container of another name", "experiments have an aim",
          lambda d, _: d("TimeChaos", "runner-clock-offset")["spec"].update(
              containerNames=["worker"]), CHAOS),
    Fault("a full disk where nothing is mounted", "a disk can be taken away",
          lambda d, _: d("IOChaos", "database-disk-full")["spec"].update(
              volumePath="/var/lib/postgresql/data", path="/var/lib/postgresql/data/**/*"), CHAOS),
    Fault("a full disk in a root that is read-only", "a disk can be taken away",
          lambda d, _: d("IOChaos", "database-disk-full")["spec"].update(
              volumePath="/var/run/postgresql", path="/var/run/postgresql/*"), CHAOS),
    Fault("stress by a share of the node's memory", "stress is felt",
          lambda d, _: d("StressChaos", "runner-memory-stress")["spec"]["stressors"][
              "memory"].update(size="80%"), CHAOS),
    Fault("stress that the kernel ends first", "stress is felt",
          lambda d, _: d("StressChaos", "runner-memory-stress")["spec"]["stressors"][
              "memory"].pop("oomScoreAdj"), CHAOS),
    Fault("a judge of another image", "the judge sees what it judges",
          lambda d, _: _container(d, "Deployment", "chaos-judge").update(
              image="ai-testops:0.1.0"), CHAOS),
    Fault("a judge without metrics", "the judge sees what it judges",
          lambda d, _: d("Deployment", "chaos-judge")["metadata"].update(
              namespace="testops-elsewhere"), CHAOS),
    Fault("no policy denies by default", "all is denied first",
          _without("NetworkPolicy", "default-deny")),
    Fault("a policy's type in lower case", "policies are well formed",
          lambda d, _: d("NetworkPolicy", "web")["spec"].update(policyTypes=["ingress"])),
    Fault("an exception outside its block", "policies are well formed",
          lambda d, _: _egress(d, "runner", 2)["to"][0]["ipBlock"].update(cidr="10.0.0.0/8")),
    Fault("names over UDP only", "names are resolved",
          lambda d, _: _egress(d, "runner", 0)["ports"].pop()),
    Fault("the runner may reach the database", "the runner is apart",
          lambda d, _: (
              d("NetworkPolicy", "runner")["spec"].update(egress=[{}]),
              d("NetworkPolicy", "postgres")["spec"].update(ingress=[{}]),
          )),
    Fault("the runner may reach everything", "the connections are those agreed",
          lambda d, _: d("NetworkPolicy", "runner")["spec"].update(egress=[{}])),
    Fault("the database takes a guest less", "the connections are those agreed",
          lambda d, _: d("NetworkPolicy", "postgres")["spec"]["ingress"][0]["from"].pop()),
    Fault("a field that Kubernetes does not know", "schemas, newest Kubernetes",
          lambda d, _: _rename(_pod(d, "Deployment", "web"), "securityContext",
                               "securitycontext")),
    Fault("an API that was taken away", "schemas, oldest Kubernetes",
          lambda d, _: d("HorizontalPodAutoscaler", "web").update(
              apiVersion="autoscaling/v2beta2"), HA),
)  # fmt: skip
