"""Says durations in words."""

from __future__ import annotations

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def spoken_duration(seconds: float) -> str:
    """A duration in its two largest units.

    >>> spoken_duration(27 * 3600 + 300)
    '1 d 3 h'
    """
    left = round(abs(seconds))
    parts = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return ("-" if seconds < 0 else "") + " ".join(parts[:2]) if parts else "0 s"
