"""What vendors ask for their models, as far as that is published."""

from __future__ import annotations

from decimal import Decimal

from genai_prices import Usage, calc_price

#: How the vendors are called where prices are collected.
_VENDORS = {"gemini": "google", "openai": "openai"}
#: Small enough for no price by volume to apply.
_TOKENS = 1000
_MILLION = 1_000_000


def published(provider: str, model: str) -> tuple[Decimal, Decimal] | None:
    """US dollars for a million tokens in and out; None where nobody has published a price."""
    vendor = _VENDORS.get(provider)
    if vendor is None:
        return None
    try:
        given, taken = (
            calc_price(usage, model, provider_id=vendor).total_price
            for usage in (Usage(input_tokens=_TOKENS), Usage(output_tokens=_TOKENS))
        )
    except LookupError:
        return None
    return given * _MILLION / _TOKENS, taken * _MILLION / _TOKENS
