"""A view of the file system with nothing in it but what a script may read, at the same paths.

The warm parent builds it once, in a mount namespace of its own, as the root of what its children
will see: a file system in memory, read-only, with what is readable bound into it. Each child puts
its own small file system there, for its private folder, and moves in (`enter`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from worker.cage import system

#: Of everything that one case writes.
FOLDER_BYTES = 64 * 1024**2
#: Files and folders of one case.
FOLDER_FILES = 4096
#: The root holds mount points only.
_ROOT_BYTES = 1024**2


@dataclass(frozen=True, slots=True)
class View:
    """Where the view is mounted, and where in it the private folders belong."""

    root: Path
    workspace: Path

    def inside(self, path: str | Path) -> Path:
        """Where the view has this path, seen from outside."""
        return self.root / str(path).lstrip("/")


def build(
    workspace: Path, readable: Sequence[str], writable: Sequence[str], devices: Sequence[str]
) -> View:
    """Build the view in this process's mount namespace. Raises OSError."""
    # What is mounted here from now on is nobody else's.
    system.mount("none", "/", None, system.RECURSIVE | system.PRIVATE)
    view = View(workspace / "view", workspace)
    view.root.mkdir(exist_ok=True)
    options = f"size={_ROOT_BYTES},mode=755"
    system.mount("tmpfs", str(view.root), "tmpfs", system.NO_SETUID, options)
    for path in readable:
        _show(view, path)
        if not Path(path).is_symlink():
            system.seal_mount(str(view.inside(path)))
    for path in (*writable, *devices):
        _show(view, path)
    view.inside(workspace).mkdir(parents=True, exist_ok=True)
    system.seal_mount(str(view.root), recursive=False)
    return view


def take_down(view: View) -> None:
    """Take the view off, with all that is bound into it: before anybody empties the workspace."""
    system.unmount(str(view.root))


def _show(view: View, path: str) -> None:
    """Have the view show what lies at this path: the same link, or the thing itself."""
    place = view.inside(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    if Path(path).is_symlink():
        place.symlink_to(Path(path).readlink())
        return
    if Path(path).is_dir():
        place.mkdir(exist_ok=True)
    else:
        place.touch()
    # Recursive: in a user namespace the mounts below may not be taken off.
    system.mount(path, str(place), None, system.BIND | system.RECURSIVE)


def enter(view: View, folder: Path) -> None:
    """See nothing but the view, and work in the folder, of which it gets a copy. Raises OSError.

    The copy lies in memory, is limited in size, and goes with the last process that sees it.
    """
    system.unshare(system.NEW_MOUNTS)
    place = str(view.inside(view.workspace))
    options = f"size={FOLDER_BYTES},nr_inodes={FOLDER_FILES},mode=711"
    system.mount("tmpfs", place, "tmpfs", system.NO_SETUID | system.NO_DEVICES, options)
    _copy(folder, str(view.inside(folder)))
    os.chroot(view.root)
    os.chdir(folder)


def _copy(folder: Path, place: str) -> None:
    """Copy the files of a folder; it holds no others."""
    os.mkdir(place, 0o700)  # noqa: PTH102 - for every case, and this is the fastest
    for name in os.listdir(folder):  # noqa: PTH208 - the same
        (Path(place) / name).write_bytes((folder / name).read_bytes())
