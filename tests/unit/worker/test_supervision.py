"""The corners of the watch over a case that no case reaches for certain."""

from __future__ import annotations

import os
import selectors
import socket
import time
from typing import cast

from app.domain.plans import Limits
from worker.supervision import Supervision
from worker.warm import Child, Generation


def test_a_channel_that_somebody_still_holds_is_read_as_far_as_it_goes() -> None:
    """A child whose parent was killed may live a moment longer than its case."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)  # noqa: FBT003 - socket's signature
    output, their_output = os.pipe()
    line, their_line = socket.socketpair()
    child = Child(cast("Generation", None), line, ours, output)
    with theirs, their_line, selectors.DefaultSelector() as selector:
        watch = Supervision(child, Limits(), lambda: False, time.monotonic)
        watch._selector = selector
        assert watch._receive() == b""
        theirs.send(b"x")
        assert watch._receive() == b"x"
    child.close()
    os.close(their_output)
