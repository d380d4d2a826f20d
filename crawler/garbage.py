"""How a process of a crawl keeps its memory: seldom looking for garbage, giving back what it has freed.

Must not hold anything itself.
"""

from __future__ import annotations

import ctypes
import gc
import os

_OBJECTS_BETWEEN_COLLECTIONS = 20_000
_C_LIBRARY = ctypes.CDLL(None) if os.name == "posix" else None


def collect_seldom() -> None:
    """Leave what is imported by now out of garbage collection, and collect after thousands of new objects, not hundreds.

    For processes of the crawl's own alone: what is left out stays out. Nearly all that a crawl makes is freed by
    counting references: walking through its modules again and again took a twentieth of its processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)


def give_back_memory() -> None:
    """Give freed memory back to the system, where the C library can (glibc); else it does so by itself, or never.

    Trees of pages come and go in all sizes: glibc keeps what they leave, 80 MB a process, and slowly more.
    """
    trim = getattr(_C_LIBRARY, "malloc_trim", None)
    if trim is not None:
        trim(0)
