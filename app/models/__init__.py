"""One table per module: columns and constraints, no behaviour."""

from app.models.api_description import ApiDescription
from app.models.base import Base
from app.models.case import Case
from app.models.channel import Channel
from app.models.check_statistic import CheckStatistic
from app.models.dead_letter import DeadLetter
from app.models.environment import Environment
from app.models.generation import Generation
from app.models.notification import Notification
from app.models.operation import Operation
from app.models.outbox_message import OutboxMessage
from app.models.result import Result
from app.models.run import Run
from app.models.run_case import RunCase
from app.models.run_shard import RunShard
from app.models.runner import Runner
from app.models.suite import Suite
from app.models.token import Token
from app.models.user import User
from app.models.version import Version

__all__ = [
    "ApiDescription",
    "Base",
    "Case",
    "Channel",
    "CheckStatistic",
    "DeadLetter",
    "Environment",
    "Generation",
    "Notification",
    "Operation",
    "OutboxMessage",
    "Result",
    "Run",
    "RunCase",
    "RunShard",
    "Runner",
    "Suite",
    "Token",
    "User",
    "Version",
]
