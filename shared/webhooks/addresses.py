"""Where a webhook may go: to addresses of the public internet, never into the network that we run in. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from shared.errors import Permanent

REFUSED: Final = "address_refused"
"""The `reason` where an address may not be sent to."""

_NAT64: Final = IPv6Network("64:ff9b::/96")
_NAT64_LOCAL: Final = IPv6Network("64:ff9b:1::/48")


def checked_url(url: str, *, private: bool = False) -> str:
    """The address as it is; Permanent (address_refused) where it is none, or one that we never send to.

    `private`: also plain http and addresses of our own network, for tests and for subscribers beside us.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise _refused(url, "it is no address") from None
    schemes = ("https", "http") if private else ("https",)
    if parts.scheme not in schemes or not host:
        raise _refused(url, "it must begin with https://")
    if parts.username is not None or parts.password is not None:
        raise _refused(url, "it must not hold a name or a password")
    if any(char.isspace() or not char.isprintable() for char in url):
        raise _refused(url, "it holds characters that no address has")
    if not private and _is_literal(host) and not is_public(host):
        raise _refused(url, "it lies within a private network")
    return url


def is_public(address: str) -> bool:
    """Whether this IP address is one of the public internet, whatever it is wrapped in."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found in _NAT64_LOCAL:
            return False
        inner = found.ipv4_mapped or found.sixtofour or _within_nat64(found)
        if inner is not None:
            return _is_global(inner)
        if found.teredo is not None:
            return False
    return _is_global(found)


def _within_nat64(found: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(found) & 0xFFFF_FFFF) if found in _NAT64 else None


def _is_global(found: IPv4Address | IPv6Address) -> bool:
    return found.is_global and not found.is_multicast and not found.is_reserved


def _is_literal(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _refused(url: str, why: str) -> Permanent:
    return Permanent(f"{url[:200]!r} cannot be sent to: {why}", reason=REFUSED)
