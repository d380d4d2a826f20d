"""Which network addresses a crawl may touch.

Must not resolve names itself; whoever does asks here about the result.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import TypeAlias

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_NUMERIC = re.compile(r"^(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}\.?$", re.IGNORECASE)
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".localdomain", ".home.arpa", ".lan")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def literal_address(host: str) -> IpAddress | None:
    """The address that a host spells, old forms such as ``0x7f.1`` and ``2130706433`` included, or None.

    >>> literal_address("0x7f.1")
    IPv4Address('127.0.0.1')
    """
    bare = host.strip("[]").partition("%")[0]
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    if not _NUMERIC.match(bare):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare.rstrip(".")))
    except OSError:
        return None


def is_public(address: IpAddress) -> bool:
    """Whether an address lies on the open internet, embedded IPv4 addresses looked through."""
    if isinstance(address, ipaddress.IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if embedded is None and address in _NAT64:
            embedded = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is not None:
            return is_public(embedded)
    return address.is_global and not address.is_multicast


def is_local_name(host: str) -> bool:
    """Whether a host name never leaves this machine or its network."""
    name = "." + host.lower().rstrip(".")
    return name.endswith(_LOCAL_NAMES) or "." not in name[1:]
