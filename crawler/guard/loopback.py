"""The allow-list of host names that a server on this machine answers: the demo newsroom and tests.

Must not allow anything by default.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

SETTING = "NEWSDEDUP_LOOPBACK_HOSTS"


def loopback_addresses(settings: BaseSettings) -> dict[str, str]:
    """Host name to ``address:port`` from the settings (a mapping, or JSON text on the command line).

    Raises:
        ValueError: an address is not a loopback address with a port.
    """
    hosts = {str(host).lower(): str(address) for host, address in settings.getdict(SETTING).items()}
    for host, address in hosts.items():
        name, _, port = address.rpartition(":")
        if not (port.isdigit() and _is_loopback(name)):
            raise ValueError(f"{SETTING}: {host!r} must map to a loopback address and port, got {address!r}")
    return hosts


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
