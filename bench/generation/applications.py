"""The applications that are served here: each is made with one fault of its own, or with none."""

from __future__ import annotations

import datetime as dt
import os
import runpy
from typing import Final

from flask import Flask

from bench.generation import parts
from demo import switches
from demo.application import create_app

#: The name of no fault.
CORRECT: Final = "none"
_TODAY: Final = dt.date(2026, 5, 4)


def library(fault: str) -> Flask:
    """The demo, with a fault by its name."""
    return create_app(switches.chosen(fault), lambda: _TODAY)


def spare_parts(fault: str) -> Flask:
    """The spare parts, with a fault by its name."""
    return parts.create_app(None if fault == CORRECT else parts.Fault[fault])


def seeded(path: str, fault: str) -> Flask:
    """An API in one file with numbered faults, which reads the number from its environment."""
    os.environ["FAULT"] = "0" if fault == CORRECT else fault
    names = runpy.run_path(path)
    names["seed"]()
    app = names["app"]
    if not isinstance(app, Flask):
        raise TypeError(f"'app' of {path} is no application of Flask.")
    return app
