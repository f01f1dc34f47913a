"""A user id that nothing else has, for each case."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

#: Above all that systems and container tools hand out
#: (https://systemd.io/UIDS-GIDS: 1879048192 to 2147483647 are unused).
_UNUSED = range(0x70000000, 0x7FFFFFFF)
_ID_MAP = "/proc/self/uid_map"
#: Where a user namespace knows fewer ids, those at the end of its range; accounts lie at its
#: beginning.
_TAIL = 4096


def spare(id_map: str) -> range:
    """The ids to choose from; empty where there are none to spare.

    `id_map` is the text of /proc/self/uid_map: a range of ids a line, as it begins inside, as it
    begins outside, and its length (user_namespaces(7)).
    """
    for line in id_map.splitlines():
        first, _, length = map(int, line.split())
        last = first + length
        if first <= _UNUSED.start and _UNUSED.stop <= last:
            return _UNUSED
        if length > 2 * _TAIL:
            # The last two are "nobody" by custom: files of unknown owners belong to it.
            return range(last - _TAIL, last - 2)
    return range(0)


def available() -> range:
    """The ids that this process may take on; empty unless it is root."""
    if os.geteuid() != 0:
        return range(0)
    table = Path(_ID_MAP)
    return spare(table.read_text()) if table.exists() else _UNUSED


def hand_over(folder: Path, user: int) -> None:
    """Make the folder and what lies in it the user's."""
    os.chown(folder, user, user)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(os.path.join(place, name), user, user, follow_symlinks=False)  # noqa: PTH118 - for every case


def become(user: int) -> None:
    """Be this user and nothing else, for good. Raises OSError."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def choose(ids: range, draw: Callable[[int], int]) -> int:
    """One of the ids; `draw` gives a number below the one it gets."""
    return ids[draw(len(ids))]
