"""One table per module: columns and constraints, no behaviour."""

from app.models.alert_rule import AlertRule
from app.models.anomaly import Anomaly
from app.models.api_description import ApiDescription
from app.models.base import Base
from app.models.case import Case
from app.models.channel import Channel
from app.models.check_statistic import CheckStatistic
from app.models.contribution import Contribution
from app.models.correction import Correction
from app.models.coverage_cell import CoverageCell
from app.models.dead_letter import DeadLetter
from app.models.environment import Environment
from app.models.failure_group import FailureGroup
from app.models.follower import Follower
from app.models.generation import Generation
from app.models.model_answer import ModelAnswer
from app.models.model_request import ModelRequest
from app.models.news import News
from app.models.notification import Notification
from app.models.operation import Operation
from app.models.operation_statistic import OperationStatistic
from app.models.outbox_message import OutboxMessage
from app.models.quarantine_lift import QuarantineLift
from app.models.result import Result
from app.models.revision import Revision
from app.models.run import Run
from app.models.run_case import RunCase
from app.models.run_shard import RunShard
from app.models.runner import Runner
from app.models.suite import Suite
from app.models.suite_statistic import SuiteStatistic
from app.models.token import Token
from app.models.user import User
from app.models.verdict import Verdict
from app.models.version import Version

__all__ = [
    "AlertRule",
    "Anomaly",
    "ApiDescription",
    "Base",
    "Case",
    "Channel",
    "CheckStatistic",
    "Contribution",
    "Correction",
    "CoverageCell",
    "DeadLetter",
    "Environment",
    "FailureGroup",
    "Follower",
    "Generation",
    "ModelAnswer",
    "ModelRequest",
    "News",
    "Notification",
    "Operation",
    "OperationStatistic",
    "OutboxMessage",
    "QuarantineLift",
    "Result",
    "Revision",
    "Run",
    "RunCase",
    "RunShard",
    "Runner",
    "Suite",
    "SuiteStatistic",
    "Token",
    "User",
    "Verdict",
    "Version",
]
