"""Judges whether a host may be asked: its name, and every address that the name leads to.

Must not connect; the middleware and the browser's proxy do, to no other address than one given here.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any

from crawler.guard.addresses import is_local_name, is_public, literal_address
from crawler.refusals import Skipped
from storage.values import SkipReason


async def judge_host(host: str, timeout_seconds: float) -> tuple[str, ...] | Skipped:
    """The public addresses of a host, none where it has no address at all; or the refusal of a private one."""
    if not host:
        return Skipped(SkipReason.BAD_URL, "no host")
    if (address := literal_address(host)) is not None:
        return (str(address),) if is_public(address) else _refusal(host, str(address))
    if is_local_name(host):
        return _refusal(host, "a local name")
    found = await _resolve(host, timeout_seconds)
    private = [text for text in found if not is_public(ipaddress.ip_address(text.partition("%")[0]))]
    return _refusal(host, private[0]) if private else tuple(found)


async def _resolve(host: str, timeout_seconds: float) -> list[str]:
    lookup = asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    try:
        answers: list[Any] = await asyncio.wait_for(lookup, timeout_seconds)
    except (OSError, TimeoutError, UnicodeError):
        return []  # whoever connects meets the same failure and reports it as such
    return [str(answer[4][0]) for answer in answers]


def _refusal(host: str, why: str) -> Skipped:
    return Skipped(SkipReason.ADDRESS_REFUSED, f"{host!r} is not a public address ({why})")
