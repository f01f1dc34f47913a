from decimal import Decimal

from pydantic import SecretStr

from app.ai.providers import prices, registry
from app.settings import ModelSettings, Price


def test_nobody_is_asked_where_nobody_is_listed() -> None:
    found = registry.of(ModelSettings())
    assert (found.providers, found.absent, found.prices) == ((), {}, {})


def test_each_is_there_in_the_order_that_is_given() -> None:
    settings = ModelSettings(
        model_providers=("compatible", "openai", "gemini"),
        gemini_api_key=SecretStr("x"),
        openai_api_key=SecretStr("y"),
        compatible_base_url="http://127.0.0.1:1/v1",
        compatible_model="llama",
        model_prices={"openai": Price(Decimal(1), Decimal("2.5"))},
    )
    found = registry.of(settings)
    assert [(each.name, each.model) for each in found.providers] == [
        ("compatible", "llama"),
        ("openai", "gpt-5-mini"),
        ("gemini", settings.gemini_model),
    ]
    assert found.prices["openai"] == Price(Decimal(1), Decimal("2.5"))
    assert "compatible" not in found.prices


def test_who_lacks_something_is_said_to_lack_it() -> None:
    found = registry.of(ModelSettings(model_providers=("gemini", "openai", "compatible")))
    assert found.providers == ()
    assert list(found.absent.values()) == [
        "gemini needs TESTOPS_GEMINI_API_KEY",
        "openai needs TESTOPS_OPENAI_API_KEY",
        "compatible needs TESTOPS_COMPATIBLE_BASE_URL and TESTOPS_COMPATIBLE_MODEL",
    ]


def test_a_published_price_is_known() -> None:
    assert prices.published("gemini", "gemini-2.5-flash") == (Decimal("0.30"), Decimal("2.50"))
    assert prices.published("openai", "no-such-model") is None
    assert prices.published("compatible", "llama") is None


def test_the_models_that_are_asked_by_default_have_a_published_price() -> None:
    settings = ModelSettings()
    assert prices.published("gemini", settings.gemini_model)
    assert prices.published("openai", settings.openai_model)
