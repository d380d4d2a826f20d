"""What a command does at SIGTERM, and a scheduler at Ctrl-C too: it is told to stop, and ends in its own way."""

from __future__ import annotations

import gc
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def stop_at(*signals: signal.Signals) -> Iterator[threading.Event]:
    """An event that these signals set; afterwards they do what they did before.

    Whoever was asked to stop ends soon: what there is in memory is not searched for cycles any more.
    """
    event = threading.Event()
    before = {number: signal.signal(number, lambda *_: event.set()) for number in signals}
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if event.is_set():
            gc.freeze()
