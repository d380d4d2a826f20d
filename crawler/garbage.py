"""How often a process of a crawl looks for garbage.

Must not be called in a process that is not the crawl's own: what is left out stays out.
"""

from __future__ import annotations

import gc

_OBJECTS_BETWEEN_COLLECTIONS = 20_000


def collect_seldom() -> None:
    """Leave what is imported by now out of garbage collection, and collect after thousands of new objects, not hundreds.

    Nearly all that a crawl makes is freed by counting references: walking through its modules again and again took a
    twentieth of its processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
