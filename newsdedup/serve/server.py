"""Serves the application until it is told to stop.

Must not know what it serves.
"""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

import uvicorn
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from types import FrameType

    from starlette.types import ASGIApp, Receive, Scope, Send

_PATIENCE_SECONDS = 3
_MOST_AT_ONCE = 64
_MOST_CONNECTIONS = 512  # most of them idle: browsers keep several open
_RETRY_SECONDS = 2


class Bounded:
    """Answers so many requests at once; any more are told when to come again."""

    def __init__(self, app: ASGIApp, most: int = _MOST_AT_ONCE) -> None:
        self._app = app
        self._most = most
        self._busy_count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it with status 503."""
        if scope["type"] == "http" and self._busy_count >= self._most:
            busy = PlainTextResponse("too many requests at once", 503, {"Retry-After": str(_RETRY_SECONDS)})
            await busy(scope, receive, send)
            return
        self._busy_count += scope["type"] == "http"
        try:
            await self._app(scope, receive, send)
        finally:
            self._busy_count -= scope["type"] == "http"


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one.

    Raises:
        OSError: the address is taken, or is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_MOST_AT_ONCE)
    except OSError:
        listening.close()
        raise
    return listening


def serve_until_stopped(app: ASGIApp, listening: socket.socket, *, logs_requests: bool) -> None:
    """Answer requests until ctrl-C or SIGTERM; requests under way are finished, for a few seconds."""
    server = uvicorn.Server(
        uvicorn.Config(
            Bounded(app),
            log_config=None,
            access_log=logs_requests,
            server_header=False,
            lifespan="on",
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=_PATIENCE_SECONDS,
        )
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # The server handles these itself while it runs, and raises them again once it has stopped: then they have done
    # their work.
    before = {name: signal.signal(name, stop) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[listening])
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
        listening.close()
