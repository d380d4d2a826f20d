"""Posts JSON to an address of the user's, under the address rules of a crawl.

Must not follow redirects, and must not connect to another address than the one it checked.
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.guard.addresses import is_local_name, is_public, literal_address
from newsdedup.jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_TIMEOUT_SECONDS = 10.0
_PAUSES_SECONDS = (1.0, 4.0)
_PORTS = {"http": 80, "https": 443}
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to post; ``private_hosts`` may have an address that is not on the open internet.

    ``pauses_seconds`` lie between attempts, of which there is one more.
    """

    url: str
    private_hosts: Collection[str] = ()
    pauses_seconds: tuple[float, ...] = _PAUSES_SECONDS
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            is_usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
        except ValueError as error:  # its message may hold the path, which may hold a secret
            raise JobError("the webhook's address cannot be understood") from error
        if not is_usable:
            raise JobError(f"webhook {self.shown!r} is no http or https address")

    @property
    def shown(self) -> str:
        """The address without its path, which may hold a secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def post_json(hook: Webhook, body: str) -> None:
    """Post until it is accepted (a status of 200 to 299), a few times at most.

    Equal bodies carry an equal ``Idempotency-Key``, by which a receiver knows a repetition.

    Raises:
        JobError: the address is refused, or nobody accepted the body.
    """
    encoded = body.encode()
    failure = ""
    for pause in (0.0, *hook.pauses_seconds):
        if pause:
            hook.sleep(pause)
        failure, is_final = _attempt(hook, encoded)
        if not failure:
            return
        if is_final:
            break
    raise JobError(f"webhook {hook.shown!r}: {failure}")


def _attempt(hook: Webhook, body: bytes) -> tuple[str, bool]:
    """Why it failed, and whether another attempt would be in vain; nothing when it was accepted."""
    try:
        connection = _connect(hook)
        try:
            connection.request("POST", _target(hook.url), body, _headers(body))
            status = connection.getresponse().status
        finally:
            connection.close()
    except ssl.SSLCertVerificationError as error:
        return f"certificate: {error.verify_message}", True
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__, False
    if 200 <= status < 300:
        return "", True
    return f"answered {status}", status not in _TRY_AGAIN


def _connect(hook: Webhook) -> http.client.HTTPConnection:
    parts = urlsplit(hook.url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    raw = socket.create_connection((_checked_address(hook, host, port), port), _TIMEOUT_SECONDS)
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    try:
        if parts.scheme == "https":
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
    except BaseException:
        raw.close()
        raise
    connection.sock = raw
    return connection


def _checked_address(hook: Webhook, host: str, port: int) -> str:
    """An address of the host that may be connected to.

    Raises:
        JobError: an address of it is private.
        OSError: it has none.
    """
    literal = literal_address(host)
    if literal is not None:
        addresses = [str(literal)]
    else:
        addresses = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if host.lower() in {allowed.lower() for allowed in hook.private_hosts}:
        return addresses[0]
    if literal is None and is_local_name(host):
        raise JobError(_refusal(hook, host, "a local name"))
    for address in addresses:
        if not is_public(ipaddress.ip_address(address.partition("%")[0])):
            raise JobError(_refusal(hook, host, address))
    return addresses[0]


def _refusal(hook: Webhook, host: str, why: str) -> str:
    return (
        f"webhook {hook.shown!r}: {host!r} is not a public address ({why}); "
        f"if that is meant, add: --allow-private {host}"
    )


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _headers(body: bytes) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": f"newsdedup/{version('newsdedup')}",
        "Idempotency-Key": hashlib.sha256(body).hexdigest()[:32],
    }
