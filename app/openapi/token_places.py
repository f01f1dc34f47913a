"""Where a description says that tokens come from, for identities that do not say it themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from urllib.parse import urljoin

from app.domain import grants
from app.domain.grants import Grant, Kind
from app.errors import InvalidInputError
from app.openapi.model import ApiDescription

_FLOWS = {Kind.CLIENT_CREDENTIALS: "clientCredentials", Kind.PASSWORD: "password"}


def completed(
    identities: Mapping[str, Mapping[str, str]],
    description: Callable[[], ApiDescription],
    base_url: str,
) -> dict[str, dict[str, str]]:
    """The identities, with the place of the token in each grant that has none.

    The description is called for only where one is incomplete; its relative addresses are taken
    against the base URL. Raises InvalidInputError where a grant cannot be read, or the description
    does not say which place is meant.
    """
    found = {name: dict(headers) for name, headers in identities.items()}
    for name, grant in grants.of_identities(identities).items():
        if not grant.token_url and not grant.discovery_url:
            grant = _placed(name, grant, description(), base_url)  # noqa: PLW2901 - now complete
        others = {key: value for key, value in found[name].items() if not grants.is_grant(key)}
        found[name] = {grants.HEADER: grant.text, **others}
    return found


def _placed(name: str, grant: Grant, description: ApiDescription, base_url: str) -> Grant:
    places = dict.fromkeys(_places(grant.kind, description))
    if len(places) == 1:
        key, url = next(iter(places))
        return grants.of({**asdict(grant), key: urljoin(f"{base_url.rstrip('/')}/", url)})
    listed = ", ".join(url for _, url in places) or "none"
    raise InvalidInputError(
        f"The description does not say where the token of {name} comes from ({listed}).",
        where="identities",
        hint="Add token_url=… or discovery_url=….",
    )


def _places(kind: Kind, description: ApiDescription) -> Iterator[tuple[str, str]]:
    """Which word of a grant a place is, and its address: flows first, which need no discovery."""
    schemes = description.security_schemes.values()
    flows = [flow for scheme in schemes for flow in scheme.flows if flow.kind == _FLOWS[kind]]
    told = [("token_url", flow.token_url) for flow in flows if flow.token_url]
    found = [("discovery_url", each.discovery_url) for each in schemes if each.discovery_url]
    yield from told or found
