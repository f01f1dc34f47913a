"""What an installation can set: environment variables with the prefix `TESTOPS_`.

Read once, in the entry points, by `read`. Each setting is explained in `.env.example`.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.errors import InvalidInputError

PREFIX = "TESTOPS_"

#: `host` or `host:port` names, separated by commas.
Hosts = Annotated[tuple[str, ...], NoDecode]


class RunnerSettings(BaseSettings):
    """What every process needs; the runner, which executes untrusted code, gets nothing more."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    kafka_brokers: str = "127.0.0.1:9092"
    kafka_topic_creation: Literal["create", "verify", "auto"] = "create"
    secret_key: SecretStr = Field(min_length=32)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    heartbeat_file: str = ""
    runner_concurrency: int = Field(default=2, ge=1, le=64)
    cage: Literal["none", "standard", "strict"] = "standard"

    @property
    def secret(self) -> str:
        """The secret key in plain text."""
        return self.secret_key.get_secret_value()


class Settings(RunnerSettings):
    """What the processes that keep the database need."""

    database_url: SecretStr
    database_pool_size: int = Field(default=5, ge=1, le=100)

    base_url: str = "http://127.0.0.1:8000"
    admin_email: str = ""
    admin_password: SecretStr = SecretStr("")
    demo_url: str = ""
    allowed_private_hosts: Hosts = ()
    smtp_url: SecretStr = SecretStr("")
    max_upload_bytes: int = Field(default=64 * 1024**2, ge=1024)
    sign_in_rate: str = "10 per minute"
    https_only: bool = False
    trusted_proxies: int = Field(default=0, ge=0, le=10)

    shard_size: int = Field(default=20, ge=1, le=1000)
    max_command_bytes: int = Field(default=700_000, ge=10_000)
    case_seconds: float = Field(default=60.0, gt=0)
    check_seconds: float = Field(default=30.0, gt=0)
    cpu_seconds: int = Field(default=60, ge=1)
    memory_bytes: int = Field(default=2 * 1024**3, ge=64 * 1024**2)
    output_bytes: int = Field(default=64 * 1024, ge=0)
    body_bytes: int = Field(default=16 * 1024, ge=0)
    requests_per_second: float = Field(default=100.0, ge=0)
    stale_after_seconds: float = Field(default=180.0, gt=0)
    max_attempts: int = Field(default=3, ge=1)
    reap_every_seconds: float = Field(default=5.0, gt=0)
    quarantine_days: float = Field(default=14.0, ge=0, le=365)
    dead_letter_share: float = Field(default=0.5, gt=0, le=1)

    @field_validator("allowed_private_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(host.strip() for host in value.split(",") if host.strip())
        return value

    @model_validator(mode="after")
    def _patience_exceeds_a_case(self) -> Settings:
        if self.stale_after_seconds <= self.case_seconds:
            raise ValueError(
                "TESTOPS_STALE_AFTER_SECONDS must exceed TESTOPS_CASE_SECONDS, "
                "else a slow case is taken for a lost one"
            )
        return self


Kind = TypeVar("Kind", bound=RunnerSettings)


def read(kind: type[Kind], **known: object) -> Kind:
    """Read the settings from the environment, but for those that are `known` otherwise.

    Raises InvalidInputError with one line that names the variables and what is wrong with them.
    """
    try:
        return kind(**known)  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        problems = (
            f"{_variable(problem['loc'])}{problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_url=False, include_input=False)
        )
        raise InvalidInputError(
            f"Settings cannot be used: {'; '.join(problems)}.", hint="See .env.example."
        ) from None


def _variable(location: tuple[int | str, ...]) -> str:
    return f"{PREFIX}{str(location[0]).upper()}: " if location else ""
