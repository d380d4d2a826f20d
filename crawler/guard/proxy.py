"""The browser's only way out: a proxy on loopback that lets through what a crawl may fetch.

A page's scripts choose their own addresses, and follow redirects that no interception of requests sees; so the
rule is kept where the connection is made. Must not read what passes.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.guard.hosts import judge_host
from crawler.refusals import Skipped
from storage.values import SkipReason

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)

REFUSED_HEADER = "X-Newsdedup-Refused"
_MAX_HEAD_BYTES = 64 * 1024
_MAX_BYTES = 50 * 1024 * 1024  # of one answer
_TIMEOUT_SECONDS = 30.0
_PIECE = 64 * 1024
_HOP_BY_HOP = (b"proxy-", b"connection:", b"keep-alive:", b"upgrade:")


class GuardProxy:
    """An HTTP proxy for public addresses, and for the loopback allow-list; ``on_refusal`` hears of the rest.

    Bound when it is made, so that its port is known; serves between ``start`` and ``close``.
    """

    def __init__(
        self,
        loopback_hosts: Mapping[str, str],
        *,
        dns_timeout_seconds: float,
        on_refusal: Callable[[str, Skipped], None],
    ) -> None:
        self._loopback_hosts = loopback_hosts
        self._dns_timeout_seconds = dns_timeout_seconds
        self._on_refusal = on_refusal
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def start(self) -> None:
        """Begin to serve."""
        self._server = await asyncio.start_server(self._serve, sock=self._socket, limit=_MAX_HEAD_BYTES)

    def close(self) -> None:
        """Serve nobody any more."""
        if self._server is not None:
            self._server.close()
        self._socket.close()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except (
            OSError,
            TimeoutError,
            ValueError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
        ) as error:
            logger.debug("proxied request failed: %(error)s", {"error": error})
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _TIMEOUT_SECONDS)
        method, target, version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        is_tunnel = method == "CONNECT"
        parts = urlsplit(f"//{target}" if is_tunnel else target)
        host, port = (parts.hostname or "").lower(), parts.port or (443 if is_tunnel else 80)
        hop = None if is_tunnel else self._loopback_hosts.get(host)
        if not is_tunnel and parts.scheme != "http":
            self._refuse(writer, host, Skipped(SkipReason.SCHEME_REFUSED, f"scheme {parts.scheme!r}"))
            return
        address = await self._address(host, port, hop)
        if isinstance(address, Skipped):
            self._refuse(writer, host, address)
            return
        connection = asyncio.open_connection(*address)
        upstream, out = await asyncio.wait_for(connection, _TIMEOUT_SECONDS)
        try:
            if is_tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = target if hop else parts._replace(scheme="", netloc="").geturl() or "/"
                out.write(_forwarded(method, path, version, head))
            await _exchange(reader, writer, upstream, out)
        finally:
            out.close()

    async def _address(self, host: str, port: int, hop: str | None) -> tuple[str, int] | Skipped:
        if hop is not None:
            name, _, hop_port = hop.rpartition(":")
            return name, int(hop_port)
        judged = await judge_host(host, self._dns_timeout_seconds)
        if isinstance(judged, Skipped):
            return judged
        # The very address that was judged: a second look-up might be told another one.
        return (judged[0], port) if judged else Skipped(SkipReason.DNS, f"{host!r} has no address")

    def _refuse(self, writer: StreamWriter, host: str, why: Skipped) -> None:
        self._on_refusal(host, why)
        writer.write(
            # With a body: a browser shows an empty refusal as an error of its own.
            f"HTTP/1.1 403 Refused\r\n{REFUSED_HEADER}: {why.reason.value}\r\nContent-Type: text/plain\r\n"
            "Content-Length: 7\r\nConnection: close\r\n\r\nrefused".encode("latin-1", "replace")
        )


def _forwarded(method: str, path: str, version: str, head: bytes) -> bytes:
    """The request as the server gets it; one a connection, so that no other host can be asked through it."""
    lines = [line for line in head.split(b"\r\n")[1:] if line and not line.lower().startswith(_HOP_BY_HOP)]
    first = f"{method} {path} {version}".encode("latin-1")
    return b"\r\n".join([first, *lines, b"Connection: close", b"", b""])


async def _exchange(
    reader: StreamReader, writer: StreamWriter, upstream: StreamReader, out: StreamWriter
) -> None:
    """Pass bytes both ways until one side has said all it has to say."""
    ways = {asyncio.create_task(_pump(reader, out)), asyncio.create_task(_pump(upstream, writer))}
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _pump(source: StreamReader, sink: StreamWriter) -> None:
    left = _MAX_BYTES
    while left > 0 and (piece := await asyncio.wait_for(source.read(_PIECE), 2 * _TIMEOUT_SECONDS)):
        left -= len(piece)
        sink.write(piece)
        await sink.drain()
