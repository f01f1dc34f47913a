"""Which providers an installation has: those that are listed and have what they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.ai.providers import gemini, openai, prices
from app.ai.providers.asking import Bounds
from app.ai.providers.provider import Provider
from app.settings import ModelSettings, Price


@dataclass(frozen=True, slots=True)
class Registry:
    """Who can be asked, and what that costs."""

    #: In the order in which they are asked.
    providers: tuple[Provider, ...]
    #: Name → why it cannot be asked.
    absent: Mapping[str, str]
    #: Dollars for a million tokens in and out; those that are not here have no known price.
    prices: Mapping[str, Price]


def of(settings: ModelSettings) -> Registry:
    """The providers of an installation."""
    found = {name: _provider(name, settings) for name in settings.model_providers}
    present = [each for each in found.values() if not isinstance(each, str)]
    known = {each.name: _price(each, settings) for each in present}
    return Registry(
        providers=tuple(present),
        absent={name: each for name, each in found.items() if isinstance(each, str)},
        prices={name: price for name, price in known.items() if price},
    )


def _provider(name: str, settings: ModelSettings) -> Provider | str:
    """A provider, or what it lacks."""
    bounds = Bounds(settings.model_seconds, settings.model_output_tokens)
    key = getattr(settings, f"{name}_api_key").get_secret_value()
    base_url = getattr(settings, f"{name}_base_url")
    model = getattr(settings, f"{name}_model")
    if name == "compatible":
        if not (base_url and model):
            return f"{name} needs TESTOPS_COMPATIBLE_BASE_URL and TESTOPS_COMPATIBLE_MODEL"
        by_tool = settings.compatible_output == "tool"
        return openai.compatible(
            model=model, key=key, base_url=base_url, by_tool=by_tool, bounds=bounds
        )
    if not key:
        return f"{name} needs TESTOPS_{name.upper()}_API_KEY"
    vendor = {"gemini": gemini.provider, "openai": openai.provider}[name]
    return vendor(model=model, key=key, base_url=base_url, bounds=bounds)


def _price(provider: Provider, settings: ModelSettings) -> Price | None:
    own = settings.model_prices.get(provider.name)
    found = prices.published(provider.name, provider.model)
    return own or (Price(*found) if found else None)
