"""What an installation can set: environment variables with the prefix `TESTOPS_`.

Read once, in the entry points, by `read`. Each setting is explained in `.env.example`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, NamedTuple, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.errors import InvalidInputError

PREFIX = "TESTOPS_"

#: `host` or `host:port` names, separated by commas.
Hosts = Annotated[tuple[str, ...], NoDecode]
#: Names, separated by commas.
Names = Annotated[tuple[str, ...], NoDecode]

#: Adapters to models, by the name under which they are asked for.
MODEL_PROVIDERS = ("gemini", "openai", "compatible")


class Price(NamedTuple):
    """What a million tokens cost, in US dollars."""

    input: Decimal
    output: Decimal


#: By provider.
Prices = Annotated[Mapping[str, Price], NoDecode]


class KafkaSettings(BaseSettings):
    """Where Kafka is, and how it knows us; the words are those of its own configuration."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    kafka_brokers: str = "127.0.0.1:9092"
    kafka_topic_creation: Literal["create", "verify", "auto"] = "create"
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    # Not GSSAPI, which the client is built without, and not OAUTHBEARER, of which every provider
    # has a dialect: whoever has one of them has certificates or SCRAM as well.
    kafka_sasl_mechanism: Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = ""
    kafka_sasl_username: str = ""
    kafka_sasl_password: SecretStr = SecretStr("")
    kafka_ssl_ca_file: str = ""
    kafka_ssl_certificate_file: str = ""
    kafka_ssl_key_file: str = ""
    kafka_ssl_key_password: SecretStr = SecretStr("")

    @field_validator("kafka_brokers")
    @classmethod
    def _hosts_only(cls, value: str) -> str:
        if "@" in value or "://" in value:
            raise ValueError(
                "write host:port,host:port; user and password are TESTOPS_KAFKA_SASL_USERNAME and "
                "TESTOPS_KAFKA_SASL_PASSWORD"
            )
        return value

    @model_validator(mode="after")
    def _security_is_whole(self) -> Self:
        protocol = self.kafka_security_protocol
        has_sasl, has_tls = protocol.startswith("SASL_"), protocol.endswith("SSL")
        for name in (each for each in _SASL if has_sasl and not getattr(self, each)):
            raise ValueError(f"{_SECURITY} is {protocol}, which needs {_named(name)}")
        unused = (*_SASL * (not has_sasl), *_TLS * (not has_tls))
        for name in (each for each in unused if getattr(self, each)):
            better = "SASL_SSL" if name in _SASL else "SSL or SASL_SSL"
            raise ValueError(
                f"{_named(name)} is set, of which {_SECURITY}={protocol} makes no use: set that to "
                f"{better}, or leave this out"
            )
        if bool(self.kafka_ssl_certificate_file) != bool(self.kafka_ssl_key_file):
            raise ValueError(
                "TESTOPS_KAFKA_SSL_CERTIFICATE_FILE and TESTOPS_KAFKA_SSL_KEY_FILE belong "
                "together: set both or neither"
            )
        if self.kafka_ssl_key_password and not self.kafka_ssl_key_file:
            raise ValueError("TESTOPS_KAFKA_SSL_KEY_PASSWORD needs TESTOPS_KAFKA_SSL_KEY_FILE")
        return self


def _named(field: str) -> str:
    return f"{PREFIX}{field.upper()}"


_SECURITY = _named("kafka_security_protocol")
#: What a protocol with SASL needs, and no other takes.
_SASL = ("kafka_sasl_mechanism", "kafka_sasl_username", "kafka_sasl_password")
#: What a protocol with TLS may have, and no other takes.
_TLS = (
    "kafka_ssl_ca_file",
    "kafka_ssl_certificate_file",
    "kafka_ssl_key_file",
    "kafka_ssl_key_password",
)


class RunnerSettings(KafkaSettings):
    """What every process needs; the runner, which executes untrusted code, gets nothing more."""

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


class ModelSettings(BaseSettings):
    """Which models may be asked to add checks, and what that may take."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    model_providers: Names = ()
    gemini_api_key: SecretStr = SecretStr("")
    gemini_model: str = "gemini-3.8-flash"
    gemini_base_url: str = ""
    openai_api_key: SecretStr = SecretStr("")
    openai_model: str = "gpt-5-mini"
    openai_base_url: str = ""
    compatible_api_key: SecretStr = SecretStr("")
    compatible_model: str = ""
    compatible_base_url: str = ""
    compatible_output: Literal["tool", "schema"] = "schema"
    model_prices: Prices = Field(default_factory=dict)
    model_seconds: float = Field(default=90.0, gt=0, le=600)
    model_output_tokens: int = Field(default=8192, ge=256)
    model_retries: int = Field(default=2, ge=0, le=10)
    model_tokens_per_month: int = Field(default=2_000_000, ge=0)
    model_dollars_per_month: Decimal = Field(default=Decimal(5), ge=0)
    model_requests_per_minute: int = Field(default=20, ge=1)
    model_cache_days: float = Field(default=30.0, ge=0)

    @field_validator("model_providers", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return _split(value)

    @field_validator("model_providers", mode="after")
    @classmethod
    def _known(cls, value: Names) -> Names:
        unknown = [name for name in value if name not in MODEL_PROVIDERS]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is none of {', '.join(MODEL_PROVIDERS)}")
        return tuple(dict.fromkeys(value))

    @field_validator("model_prices", mode="before")
    @classmethod
    def _priced(cls, value: object) -> object:
        return _prices(value) if isinstance(value, str) else value


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _prices(text: str) -> Mapping[str, Price]:
    """Read "gemini=0.30/2.50,openai=0.25/2"."""
    found = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, amounts = part.partition("=")
        given, _, taken = amounts.partition("/")
        try:
            found[name.strip()] = Price(Decimal(given), Decimal(taken))
        except InvalidOperation as error:
            raise ValueError(f"{part!r} is not provider=dollars/dollars") from error
    return found


class Settings(RunnerSettings, ModelSettings):
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
    def _hosts(cls, value: object) -> object:
        return _split(value)

    @model_validator(mode="after")
    def _patience_exceeds_a_case(self) -> Settings:
        if self.stale_after_seconds <= self.case_seconds:
            raise ValueError(
                "TESTOPS_STALE_AFTER_SECONDS must exceed TESTOPS_CASE_SECONDS, "
                "else a slow case is taken for a lost one"
            )
        if self.model_providers and self.stale_after_seconds <= self.model_seconds:
            raise ValueError(
                "TESTOPS_STALE_AFTER_SECONDS must exceed TESTOPS_MODEL_SECONDS, "
                "else a generation that waits for a model is taken for a lost one"
            )
        return self


Kind = TypeVar("Kind", bound=BaseSettings)


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
    return f"{_named(str(location[0]))}: " if location else ""
