"""Serves the application until it is told to stop.

Must not know what it serves.
"""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from types import FrameType

    from starlette.types import ASGIApp

_PATIENCE_SECONDS = 3
_MOST_AT_ONCE = 64


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
            app,
            log_config=None,
            access_log=logs_requests,
            server_header=False,
            lifespan="on",
            limit_concurrency=_MOST_AT_ONCE,
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
