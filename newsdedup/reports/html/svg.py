"""Shapes of SVG as safe markup; lengths may be percentages, so that text keeps its size in any window.

Must not know what is drawn; colours come from the page's style sheet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from markupsafe import Markup

from newsdedup.safe_text import terminal_line

if TYPE_CHECKING:
    from collections.abc import Iterable

Length: TypeAlias = "str | float"


def picture(description: str, parts: Iterable[Markup], *, height: float) -> Markup:
    """A drawing as wide as its place, told to those who do not see it."""
    return Markup('<svg class="fluid" role="img" aria-label="{}" width="100%" height="{}">{}</svg>').format(
        terminal_line(description), _length(height), Markup("").join(parts)
    )


def scaled_picture(description: str, parts: Iterable[Markup], *, width: float, height: float) -> Markup:
    """A drawing that shrinks and grows as a whole."""
    return Markup('<svg class="scaled" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>').format(
        terminal_line(description), _length(width), _length(height), Markup("").join(parts)
    )


def track(parts: Iterable[Markup], *, height: float) -> Markup:
    """A strip beside words that say the same: hidden from those who hear the page."""
    return Markup('<svg class="fluid" aria-hidden="true" width="100%" height="{}">{}</svg>').format(
        _length(height), Markup("").join(parts)
    )


def text(x: Length, y: Length, words: str, anchor: str = "start", css_class: str = "") -> Markup:
    """A line of text."""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        css_class, _length(x), _length(y), anchor, terminal_line(words)
    )


def rect(x: Length, y: Length, width: Length, height: Length, css_class: str) -> Markup:
    """A bar."""
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        css_class, *(_length(one) for one in (x, y, width, height))
    )


def line(x1: Length, y1: Length, x2: Length, y2: Length, css_class: str) -> Markup:
    """A straight line."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        css_class, *(_length(one) for one in (x1, y1, x2, y2))
    )


def circle(x: Length, y: Length, radius: float, css_class: str) -> Markup:
    """A dot."""
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(
        css_class, *(_length(one) for one in (x, y, radius))
    )


def titled(shape: Markup, title: str) -> Markup:
    """A shape that tells its meaning under the pointer."""
    return Markup("<g><title>{}</title>{}</g>").format(terminal_line(title), shape)


def percent(share: float) -> str:
    """A length as a share of the drawing, which is 1.

    >>> percent(1 / 3)
    '33.33%'
    """
    return f"{share:.2%}"


def _length(length: Length) -> str:
    return length if isinstance(length, str) else f"{length:.4g}"
