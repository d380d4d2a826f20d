"""How much time and memory this process has used.

Must not decide anything by it.
"""

from __future__ import annotations

import sys


def peak_memory_bytes(*, of_children: bool = False) -> int | None:
    """Largest resident size of this process so far, or of its largest child that has ended.

    None where the system does not tell.
    """
    try:
        import resource  # noqa: PLC0415  Unix only
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_CHILDREN if of_children else resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
