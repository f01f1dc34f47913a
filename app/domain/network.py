"""Which machines the platform may ask on behalf of its users. Pure.

One rule for descriptions that are fetched and for APIs that are tested: the public Internet, and
beside it the private hosts that an administrator has named.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: The last 32 bits are an IPv4 address: NAT64 (RFC 6052), and the old form "::127.0.0.1".
_EMBEDDING = tuple(ipaddress.IPv6Network(network) for network in ("64:ff9b::/96", "::/96"))
_LOOPBACK_6 = ipaddress.IPv6Address(1)
#: Where clouds answer with credentials to whoever asks; never opened along with private networks.
_METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200")
)


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """What may be asked. By default the public Internet only."""

    #: "host" or "host:port" that may be asked wherever its addresses lead.
    allowed_hosts: tuple[str, ...] = ()
    #: Whether private, loopback and link-local addresses may be asked under any name.
    allow_private: bool = False

    def objection(self, host: str, port: int, address: str) -> str:
        """Why an address of a host must not be asked; empty where it may."""
        if host in self.allowed_hosts or f"{host}:{port}" in self.allowed_hosts:
            return ""
        return objection(address, allow_private=self.allow_private)


def objection(text: str, *, allow_private: bool) -> str:
    """Why an address must not be asked; empty when it may.

    Only addresses of the public Internet may (the IANA registries as `ipaddress` knows them); with
    `allow_private` also private, loopback and link-local ones, but no cloud metadata service.
    IPv4 inside IPv6 (mapped, 6to4, Teredo, NAT64) counts as the IPv4 address it leads to.
    """
    address = _inner(ipaddress.ip_address(text.partition("%")[0]))
    if address.is_multicast or address.is_unspecified:
        return "it is no address of one machine"
    if address in _METADATA:
        return "it is the address of a cloud metadata service"
    if address.is_global and not getattr(address, "is_site_local", False):
        return ""
    opened = address.is_private or address.is_loopback or address.is_link_local
    if allow_private and opened:
        return ""
    return "it is not on the public Internet"


def _inner(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address > _LOOPBACK_6 and any(address in network for network in _EMBEDDING):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
