"""Which addresses may be called: public ones, and those that the operator allows.

A name is resolved and every address that it has is checked; the connection is then made to the address that was
checked, so that a name which answers otherwise the second time gains nothing. Connections are not made through proxies.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Net = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052; that of RFC 8215 is for private use
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # IPv4 in IPv6 as it once was, RFC 4291 2.5.5.1
_SHARED = ipaddress.IPv4Network("100.64.0.0/10")  # behind a carrier's translation, RFC 6598


FOUND_MAX = 40  # letters of an address that are told


class Barred(Exception):
    """An address that may not be called: what was wanted, what it is, what to do."""

    def __init__(self, wanted: str, found: str, todo: str):
        super().__init__(f"{found}: wanted {wanted}; {todo}")
        self.wanted, self.found, self.todo = wanted, found, todo


@dataclass(frozen=True, slots=True)
class Guard:
    """What the operator allows.

    allowed   networks that may be called although they are not public
    plain     http may be called, too
    """

    allowed: tuple[Net, ...] = ()
    plain: bool = False

    def check_url(self, url: str) -> None:
        """Check what can be said of an address without resolving it. Raises  Barred"""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (self.plain and parts.scheme == "http"):
            found = parts.scheme or repr(url[:FOUND_MAX])
            raise Barred("https://...", found, "the operator of the hub may allow http")
        try:
            address = ipaddress.ip_address(parts.hostname or "")
        except ValueError:
            return
        self.check(address)

    def check(self, address: Address) -> None:
        """Check an address. Raises  Barred: it is not public, and not allowed"""
        if any(address in net for net in self.allowed if net.version == address.version):
            return
        for one in _meant_by(address):
            if not is_public(one):
                raise Barred("a public address", str(address), "the operator of the hub may allow others")


def is_public(address: Address) -> bool:
    """True of an address that anybody on the internet can have."""
    if isinstance(address, ipaddress.IPv6Address) and address in _COMPATIBLE:
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and not address.is_loopback
        and not address.is_link_local
        and not (address.version == 4 and address in _SHARED)
        and not (address.version == 6 and address.is_site_local)
    )


def _meant_by(address: Address) -> Iterable[Address]:
    """The addresses that one leads to: IPv6 may hide IPv4."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF),)
    return (address, *((address.sixtofour,) if address.sixtofour else ()), *(address.teredo or ()))
