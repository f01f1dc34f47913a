"""Which way each service's messages take."""

import pytest
from pydantic import SecretStr

from app.domain.channels import Address, Service
from app.errors import InvalidInputError
from app.settings import Settings
from bridge.notifiers import notifier
from tests.database_fixtures import settings_for
from tests.unit.bridge.notifiers.sent import Notebook, message


def test_there_is_a_way_to_every_service(policy: Settings) -> None:
    notebook = Notebook()
    ways = notifier.of_settings(policy, notebook)
    assert set(ways) == set(Service)
    secret = "whsec_" + "QUJD" * 8
    ways[Service.WEBHOOK].send(Address("https://hooks.test", secret), message())
    assert len(notebook.requests) == 1


def test_private_hosts_are_those_that_an_administrator_has_named(policy: Settings) -> None:
    assert notifier.internet(policy).network.allowed_hosts == policy.allowed_private_hosts


def test_mail_goes_to_the_server_that_is_set(policy: Settings) -> None:
    with pytest.raises(InvalidInputError, match="TESTOPS_SMTP_URL"):
        notifier.of_settings(policy, Notebook())[Service.MAIL].send(Address("a@b"), message())
    wrong = settings_for("postgresql://nowhere/none", smtp_url=SecretStr("smtp://nowhere"))
    with pytest.raises(InvalidInputError, match="sender"):
        notifier.of_settings(wrong, Notebook())
