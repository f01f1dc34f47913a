from decimal import Decimal

import pytest

from app import settings
from app.errors import InvalidInputError
from app.settings import ModelSettings, Price, RunnerSettings, Settings

KEY = "k" * 32
URL = "postgresql://testops:s3cret@db/testops"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TESTOPS_{name.upper()}", raising=False)
    monkeypatch.setenv("TESTOPS_SECRET_KEY", KEY)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTOPS_DATABASE_URL", URL)
    monkeypatch.setenv("TESTOPS_SHARD_SIZE", "7")
    read = settings.read(Settings)
    assert (read.secret, read.shard_size) == (KEY, 7)
    assert read.database_url.get_secret_value() == URL


def test_a_runner_needs_no_database() -> None:
    assert settings.read(RunnerSettings).secret == KEY


def test_the_other_processes_say_which_variable_is_missing() -> None:
    with pytest.raises(InvalidInputError, match="TESTOPS_DATABASE_URL: Field required"):
        settings.read(Settings)


def test_every_wrong_variable_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTOPS_DATABASE_URL", URL)
    monkeypatch.setenv("TESTOPS_SECRET_KEY", "short secret")
    monkeypatch.setenv("TESTOPS_SHARD_SIZE", "many")
    with pytest.raises(InvalidInputError) as caught:
        settings.read(Settings)
    line = str(caught.value)
    assert "TESTOPS_SECRET_KEY: " in line
    assert "TESTOPS_SHARD_SIZE: " in line
    assert ".env.example" in line
    assert "\n" not in line
    assert "short secret" not in line


def test_patience_must_exceed_the_time_of_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTOPS_DATABASE_URL", URL)
    monkeypatch.setenv("TESTOPS_CASE_SECONDS", "180")
    with pytest.raises(InvalidInputError, match="must exceed TESTOPS_CASE_SECONDS"):
        settings.read(Settings)


def test_hosts_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTOPS_DATABASE_URL", URL)
    monkeypatch.setenv("TESTOPS_ALLOWED_PRIVATE_HOSTS", "api.local, 10.0.0.1:8080,")
    assert settings.read(Settings).allowed_private_hosts == ("api.local", "10.0.0.1:8080")


def test_settings_do_not_show_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTOPS_DATABASE_URL", URL)
    monkeypatch.setenv("TESTOPS_ADMIN_PASSWORD", "s3cret")
    shown = repr(settings.read(Settings))
    assert KEY not in shown
    assert "s3cret" not in shown


def test_patience_must_exceed_the_time_of_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTOPS_DATABASE_URL", URL)
    monkeypatch.setenv("TESTOPS_MODEL_SECONDS", "180")
    # Nobody waits for a model where there is none.
    assert settings.read(Settings).stale_after_seconds == 180
    monkeypatch.setenv("TESTOPS_MODEL_PROVIDERS", "gemini")
    monkeypatch.setenv("TESTOPS_GEMINI_API_KEY", "key")
    with pytest.raises(InvalidInputError, match="must exceed TESTOPS_MODEL_SECONDS"):
        settings.read(Settings)


def test_models_are_listed_and_priced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTOPS_MODEL_PROVIDERS", "openai, gemini,openai")
    monkeypatch.setenv("TESTOPS_MODEL_PRICES", "gemini=0.30/2.50, openai = 1 / 2,")
    found = settings.read(ModelSettings)
    assert found.model_providers == ("openai", "gemini")
    assert found.model_prices == {
        "gemini": Price(*map(Decimal, ("0.30", "2.50"))),
        "openai": (1, 2),
    }


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TESTOPS_MODEL_PROVIDERS", "gemini,bard", "'bard' is none of gemini, openai, compatible"),
        ("TESTOPS_MODEL_PRICES", "gemini=cheap", "'gemini=cheap' is not provider=dollars/dollars"),
    ],
)
def test_a_model_that_nobody_knows_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInputError, match=message):
        settings.read(ModelSettings)


SASL = {
    "SECURITY_PROTOCOL": "SASL_SSL",
    "SASL_MECHANISM": "SCRAM-SHA-512",
    "SASL_USERNAME": "alice",
    "SASL_PASSWORD": "s3cret",
}
MUTUAL = {
    "SECURITY_PROTOCOL": "SSL",
    "SSL_CERTIFICATE_FILE": "/tls.crt",
    "SSL_KEY_FILE": "/tls.key",
    "SSL_KEY_PASSWORD": "s3cret",
}


@pytest.mark.parametrize(
    "given",
    [{}, SASL, {**SASL, "SECURITY_PROTOCOL": "SASL_PLAINTEXT"}, {**SASL, **MUTUAL, **SASL}, MUTUAL,
     {"SECURITY_PROTOCOL": "SSL", "SSL_CA_FILE": "/ca.crt"}, {"SECURITY_PROTOCOL": "SSL"}],
)  # fmt: skip
def test_every_way_to_kafka_can_be_set(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"TESTOPS_KAFKA_{name}", value)
    read = settings.read(RunnerSettings)
    assert read.kafka_security_protocol == given.get("SECURITY_PROTOCOL", "PLAINTEXT")
    assert "s3cret" not in repr(read)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**SASL, "SASL_MECHANISM": ""}, "is SASL_SSL, which needs TESTOPS_KAFKA_SASL_MECHANISM"),
        ({**SASL, "SASL_USERNAME": ""}, "which needs TESTOPS_KAFKA_SASL_USERNAME"),
        ({**SASL, "SASL_PASSWORD": ""}, "which needs TESTOPS_KAFKA_SASL_PASSWORD"),
        ({**SASL, "SASL_MECHANISM": "GSSAPI"}, "TESTOPS_KAFKA_SASL_MECHANISM: Input should be"),
        ({**SASL, "SECURITY_PROTOCOL": "SSL"},
         "TESTOPS_KAFKA_SASL_MECHANISM is set, of which TESTOPS_KAFKA_SECURITY_PROTOCOL=SSL makes"),
        ({"SASL_PASSWORD": "s3cret"}, "TESTOPS_KAFKA_SASL_PASSWORD is set, of which"),
        ({"SSL_CA_FILE": "/ca.crt"}, "=PLAINTEXT makes no use: set that to SSL or"),
        ({**SASL, "SECURITY_PROTOCOL": "SASL_PLAINTEXT", "SSL_CA_FILE": "/ca.crt"},
         "TESTOPS_KAFKA_SSL_CA_FILE is set"),
        ({**MUTUAL, "SSL_KEY_FILE": ""}, "belong together"),
        ({**MUTUAL, "SSL_CERTIFICATE_FILE": ""}, "belong together"),
        ({"SECURITY_PROTOCOL": "SSL", "SSL_KEY_PASSWORD": "s3cret"}, "needs TESTOPS_KAFKA_SSL_KEY"),
        ({"BROKERS": "alice:s3cret@kafka:9092"}, "TESTOPS_KAFKA_BROKERS: write host:port"),
        ({"BROKERS": "kafka://kafka:9092"}, "TESTOPS_KAFKA_BROKERS: write host:port"),
    ],
)  # fmt: skip
def test_a_way_to_kafka_that_contradicts_itself_is_refused(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"TESTOPS_KAFKA_{name}", value)
    with pytest.raises(InvalidInputError) as caught:
        settings.read(RunnerSettings)
    assert said in str(caught.value)
    assert "s3cret" not in str(caught.value)
