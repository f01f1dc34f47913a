"""OpenAI's models, and every server that speaks its chat completions: vLLM, Ollama, llama.cpp."""

from __future__ import annotations

import httpx2
from openai import AsyncOpenAI
from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai import OpenAIProvider

from app.ai.providers.asking import Bounds, ModelProvider

BASE_URL = "https://api.openai.com/v1"
#: A server that asks for no key still gets the header.
_NO_KEY = "none"


def provider(
    *, model: str, key: str, base_url: str = "", name: str = "openai", bounds: Bounds
) -> ModelProvider:
    """A model of OpenAI's; it answers by JSON schema."""

    def build(client: httpx2.AsyncClient) -> Model:
        return OpenAIChatModel(model, provider=_vendor(client, key, base_url or BASE_URL))

    return ModelProvider(name, model, build, bounds, base_url=base_url)


def compatible(
    *, model: str, key: str, base_url: str, by_tool: bool, bounds: Bounds
) -> ModelProvider:
    """A model of a server that says it is compatible; what it has not got is not sent."""
    # The older name of the bound on the answer is the one that all of them know.
    profile = OpenAIModelProfile(
        supports_json_schema_output=True, openai_chat_supports_max_completion_tokens=False
    )

    def build(client: httpx2.AsyncClient) -> Model:
        vendor = _vendor(client, key or _NO_KEY, base_url)
        return OpenAIChatModel(model, provider=vendor, profile=profile)

    return ModelProvider("compatible", model, build, bounds, by_tool, base_url)


def _vendor(client: httpx2.AsyncClient, key: str, base_url: str) -> OpenAIProvider:
    # Trying again is ours: it counts against the limit of requests.
    return OpenAIProvider(
        openai_client=AsyncOpenAI(api_key=key, base_url=base_url, http_client=client, max_retries=0)
    )
