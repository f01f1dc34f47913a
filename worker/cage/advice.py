"""What makes a missing layer hold."""

from __future__ import annotations

from collections.abc import Mapping

from worker.cage.layers import Layer

_NAMESPACES = (
    "Allow user namespaces (user.max_user_namespaces above 0, "
    "kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu). Containers usually have none."
)
_LANDLOCK = "Use Linux {} or newer with landlock in its list of security modules (lsm=)."
_LINUX = "Use Linux."

ADVICE: Mapping[Layer, str] = {
    Layer.DEATH: _LINUX,
    Layer.CLOSED_MEMORY: _LINUX,
    Layer.NO_NEW_RIGHTS: _LINUX,
    Layer.OWN_USER: "Needs root and a Python that other users can read; the other layers do too.",
    Layer.MOUNTS: _NAMESPACES,
    Layer.PROCESSES: _NAMESPACES,
    Layer.NETWORK: _NAMESPACES,
    Layer.LANDLOCK_FILES: _LANDLOCK.format("5.13"),
    Layer.LANDLOCK_PORTS: _LANDLOCK.format("6.7"),
    Layer.LANDLOCK_SCOPES: _LANDLOCK.format("6.12"),
    Layer.CALLS: "Use Linux on x86_64 or aarch64.",
}
