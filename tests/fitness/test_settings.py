"""Every setting is explained where people look for it."""

import yaml

from app import settings
from docs import reference
from tests.compose_file import SECRETS
from tests.shared_material import ROOT

EXAMPLE = {item.name: item for item in reference.explained((ROOT / ".env.example").read_text())}
SETTINGS = {f"{settings.PREFIX}{name.upper()}" for name in settings.Settings.model_fields}


def test_every_setting_is_explained_and_nothing_else_is_called_one() -> None:
    explained = {name for name in EXAMPLE if name.startswith(settings.PREFIX)}
    assert explained - {"TESTOPS_VERSION", "TESTOPS_PORT"} == SETTINGS


def test_an_explanation_says_more_than_the_name() -> None:
    short = [item.name for item in EXAMPLE.values() if len(item.explanation.split()) < 4]
    assert short == []


def test_the_secrets_of_compose_are_explained() -> None:
    assert set(SECRETS) <= set(EXAMPLE)


def test_compose_can_set_every_setting_and_nothing_else() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    given = {name for service in services.values() for name in service.get("environment", {})}
    assert {name for name in given if name.startswith(settings.PREFIX)} == SETTINGS
