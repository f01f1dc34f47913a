"""The shapes of alerts in REST v1."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from app.domain.analytics.alerts import Kind
from app.views.api.shapes import Answered, Asked


class NewAlert(Asked):
    """A limit to a figure of a suite."""

    kind: Kind
    limit: float = Field(gt=0, description="For pass rates a share up to 1, otherwise seconds.")
    operation: str = Field(
        default="", max_length=520, description="For pass rates and durations of one operation."
    )


class Alert(Answered):
    """A limit, and how it stands."""

    id: str
    suite_id: str
    kind: Kind
    limit: float
    operation: str
    is_raised: bool
    changed_at: dt.datetime | None = Field(description="When it was raised or cleared last.")
    value: float | None
    looked_at: dt.datetime | None
    text: str
    created_at: dt.datetime
