"""Who runs first: hooks of one family, and waves that go up."""

from __future__ import annotations

from collections.abc import Iterator

from tests.deploy.findings import Finding, Objects
from tests.deploy.objects import Object, of_kind, pods

HELM, ARGO = "helm.sh/", "argocd.argoproj.io/"
KNOWN = {
    "helm.sh/hook": {"pre-install,pre-upgrade"},
    "helm.sh/hook-delete-policy": {"before-hook-creation"},
    "argocd.argoproj.io/hook": {"Sync"},
    "argocd.argoproj.io/hook-delete-policy": {"BeforeHookCreation"},
}


def one_family(objects: Objects) -> Iterator[Finding]:
    """Helm's hooks or Argo CD's, never both; a hook has a delete policy, and only Jobs are Argo's.

    Argo CD maps Helm's hooks to its own where it finds no other: an object with both is run twice.
    """
    families = {
        family
        for each in objects
        for family in (HELM, ARGO)
        if any(name.startswith(family) for name in each.annotations)
    }
    if len(families) > 1:
        yield Finding("hooks", "of Helm and of Argo CD in one release")
    for each in objects:
        for wrong in _hook(each):
            yield Finding(each.where, wrong)


def _hook(each: Object) -> Iterator[str]:
    for name, allowed in KNOWN.items():
        value = each.annotations.get(name)
        if value is not None and value not in allowed:
            yield f"{name}: {value}"
    for family in (HELM, ARGO):
        hook = f"{family}hook"
        if (hook in each.annotations) != (f"{hook}-delete-policy" in each.annotations):
            yield f"{hook} and its delete policy stand together or not at all"


def before_all_else(objects: Objects) -> Iterator[Finding]:
    """With hooks or waves, both jobs run, and before any process that needs them."""
    jobs = of_kind(objects, "Job")
    if {job.component for job in jobs} != {"migrate", "topics"}:
        yield Finding("jobs", f"there are {sorted(job.component for job in jobs)}")
    hooked = [job for job in jobs if f"{HELM}hook" in job.annotations]
    if hooked:
        yield from _alone(objects, hooked)
    if any(f"{ARGO}hook" in job.annotations for job in jobs):
        yield from _in_waves(objects, jobs)


def _alone(objects: Objects, hooked: list[Object]) -> Iterator[Finding]:
    """What Helm runs before an installation finds nothing of it but other hooks."""
    accounts = {account.name: account for account in of_kind(objects, "ServiceAccount")}
    for pod in pods(hooked):
        account = accounts.get(str(pod.spec.get("serviceAccountName")))
        if account is None or f"{HELM}hook" not in account.annotations:
            yield Finding(pod.owner.where, "its ServiceAccount is not there yet")
        elif _weight(account) >= _weight(pod.owner):
            yield Finding(pod.owner.where, "its ServiceAccount does not come before it")
        for policy in of_kind(objects, "NetworkPolicy"):
            late = _weight(policy) >= _weight(pod.owner) or f"{HELM}hook" not in policy.annotations
            if policy.component == pod.owner.component and late:
                yield Finding(policy.where, "its hook runs under the policy of the release before")
    for owner in of_kind(objects, "StatefulSet", "ExternalSecret"):
        yield Finding(owner.where, "Helm's hooks run before it is there")


def _in_waves(objects: Objects, jobs: list[Object]) -> Iterator[Finding]:
    wave = max(_wave(job) for job in jobs)
    for each in objects:
        early = each.kind in {"ServiceAccount", "NetworkPolicy", "StatefulSet", "ExternalSecret"}
        if early and _wave(each) >= wave:
            yield Finding(each.where, "the jobs come before what they need")
        if each.kind in {"Deployment", "Rollout"} and _wave(each) <= wave:
            yield Finding(each.where, "it does not wait for the jobs")


def _weight(each: Object) -> int:
    return int(each.annotations.get(f"{HELM}hook-weight", 0))


def _wave(each: Object) -> int:
    return int(each.annotations.get(f"{ARGO}sync-wave", 0))
