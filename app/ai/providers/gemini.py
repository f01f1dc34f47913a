"""Google's Gemini, through google-genai."""

from __future__ import annotations

import httpx2
from google.genai.types import HttpRetryOptions
from pydantic_ai.models import Model
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.providers.google import GoogleProvider

from app.ai.providers.asking import Bounds, ModelProvider


def provider(*, model: str, key: str, base_url: str = "", bounds: Bounds) -> ModelProvider:
    """A Gemini model; it answers by JSON schema."""

    def build(client: httpx2.AsyncClient) -> Model:
        vendor = GoogleProvider(
            api_key=key,
            base_url=base_url or None,
            http_client=client,
            # Trying again is ours: it counts against the limit of requests.
            retry_options=HttpRetryOptions(attempts=1),
        )
        return GoogleModel(model, provider=vendor)

    return ModelProvider("gemini", model, build, bounds, base_url=base_url)
