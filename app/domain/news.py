"""News: what people may want to be told of, each kind a rule that a channel can choose."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What happened, in the order of what a message is headed by: the first that holds."""

    #: A figure passed a limit that somebody had set.
    ALERT = "alert"
    #: A figure is far from what it usually is.
    ANOMALY = "anomaly"
    #: Something is red in a run that was not red before.
    NEW_FAILURE = "new_failure"
    #: Something is red in a run.
    FAILURE = "failure"
    #: A suite that was red is green again.
    RECOVERY = "recovery"
    #: A check gives now this and now that.
    FLAKY = "flaky"
    #: Cases were written.
    GENERATION = "generation"
    #: A run has ended, however it did.
    FINISH = "finish"
