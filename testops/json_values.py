"""The name of what JSON can hold."""

from __future__ import annotations

from typing import Any

#: Any JSON value. Any: nothing more can be said of it before it is looked at.
Json = Any
