"""Who holds a lease: the name of this process, and whether another one on this machine still runs."""

from __future__ import annotations

import os
import socket


def owner_name() -> str:
    """The name under which this process holds leases: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_dead_here(owner: str) -> bool:
    """Whether an owner was a process of this host that no longer runs; owners elsewhere are left to their lease."""
    host, _, process_id = owner.rpartition(":")
    if host != socket.gethostname() or not process_id.isdigit():
        return False
    if int(process_id) == os.getpid():
        return True  # an earlier process had the number that is now ours
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
