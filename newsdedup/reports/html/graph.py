"""The graph of who copies whom, laid out by networkx, drawn as inline SVG.

Must not query.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from newsdedup.plural import counted
from newsdedup.reports.html.svg import circle, scaled_picture, text, titled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.values import CopyEdge

MOST_SOURCES, MOST_ARROWS = 24, 60
_WIDTH, _HEIGHT, _MARGIN_X, _MARGIN_Y = 760.0, 520.0, 110.0, 40.0
_LONGEST_NAME = 24
_LEAST_SPAN = 1e-3

_Place = tuple[float, float]
_HEAD = Markup(
    '<marker id="{0}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="12" markerHeight="12" '
    'markerUnits="userSpaceOnUse" orient="auto"><path class="{0}" d="M0 1 10 5 0 9z"/></marker>'
)
_HEADS = Markup("<defs>{}{}</defs>").format(_HEAD.format("head"), _HEAD.format("head-spun"))
_ARROW = Markup(
    '<path class="{}" d="M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}" stroke-width="{:.1f}" marker-end="url(#{})"/>'
)


@dataclass(frozen=True, slots=True)
class CopyGraph:
    """The drawing, and how many arrows between sources it leaves out."""

    drawing: Markup
    left_out_count: int


def copy_graph(edges: Sequence[CopyEdge]) -> CopyGraph:
    """Arrows from the copied to the copying source, as thick as the copies are many, between the busiest sources."""
    between = sorted(
        (edge for edge in edges if edge.from_source != edge.to_source),
        key=lambda edge: (-edge.copy_count, edge.from_source, edge.to_source),
    )
    weights = _weights(between)
    shown = set(sorted(weights, key=lambda name: (-weights[name], name))[:MOST_SOURCES])
    among = [edge for edge in between if {edge.from_source, edge.to_source} <= shown]
    drawn = tuple(among[:MOST_ARROWS])
    if not drawn:
        return CopyGraph(Markup(""), 0)
    places, weights = _lay_out(drawn), _weights(drawn)
    most = drawn[0].copy_count
    # the strong ones last, above the weak ones; names above all
    parts = [_HEADS, *(_arrow(edge, places, weights, most) for edge in reversed(drawn))]
    parts += [circle(*places[name], _radius(weight), "node") for name, weight in weights.items()]
    parts += [_name(name, places[name], _radius(weight)) for name, weight in weights.items()]
    told = ", ".join(f"{edge.from_source} to {edge.to_source} {edge.copy_count}" for edge in drawn[:5])
    return CopyGraph(
        scaled_picture(f"Who copies whom: {told}", parts, width=_WIDTH, height=_HEIGHT),
        len(between) - len(drawn),
    )


@lru_cache(maxsize=8)  # the live page asks again and again for the same
def _lay_out(edges: tuple[CopyEdge, ...]) -> Mapping[str, _Place]:
    """Places in the drawing, the same for the same edges: the fewer arrows from one source to another, the closer."""
    import networkx as nx  # noqa: PLC0415  half a second that no other page needs

    graph = nx.Graph()
    graph.add_edges_from(sorted((edge.from_source, edge.to_source) for edge in edges))
    steps = {name: dict(found) for name, found in nx.all_pairs_shortest_path_length(graph)}
    # parts that nothing joins lie as far from each other as the ends of the longest way
    farthest = max(max(found.values()) for found in steps.values())
    distances = {
        name: {other: found.get(other, farthest + 1) for other in graph} for name, found in steps.items()
    }
    start = nx.circular_layout(graph)
    found = nx.kamada_kawai_layout(graph, dist=distances, pos=start)
    return _fit({name: (float(x), float(y)) for name, (x, y) in found.items()})


def _fit(found: Mapping[str, _Place]) -> dict[str, _Place]:
    """The places stretched over the drawing."""
    across = _stretched([place[0] for place in found.values()], _MARGIN_X, _WIDTH - _MARGIN_X)
    down = _stretched([place[1] for place in found.values()], _MARGIN_Y, _HEIGHT - _MARGIN_Y)
    return dict(zip(found, zip(across, down, strict=True), strict=True))


def _stretched(values: Sequence[float], low: float, high: float) -> list[float]:
    least, span = min(values), max(values) - min(values)
    if span < _LEAST_SPAN:
        return [(low + high) / 2] * len(values)
    return [low + (value - least) / span * (high - low) for value in values]


def _weights(edges: Sequence[CopyEdge]) -> dict[str, int]:
    """Copies that each source took and gave."""
    weights: dict[str, int] = {}
    for edge in edges:
        for name in (edge.from_source, edge.to_source):
            weights[name] = weights.get(name, 0) + edge.copy_count
    return dict(sorted(weights.items()))


def _radius(weight: int) -> float:
    return min(5 + math.sqrt(weight), 13)


def _arrow(edge: CopyEdge, places: Mapping[str, _Place], weights: Mapping[str, int], most: int) -> Markup:
    (x1, y1), (x2, y2) = places[edge.from_source], places[edge.to_source]
    # bent to one side: arrows of both directions stay apart
    bend_x, bend_y = (x1 + x2) / 2 + (y2 - y1) * 0.12, (y1 + y2) / 2 - (x2 - x1) * 0.12
    length = math.hypot(x2 - bend_x, y2 - bend_y) or 1.0
    gap = _radius(weights[edge.to_source]) + 3
    end_x, end_y = x2 - (x2 - bend_x) / length * gap, y2 - (y2 - bend_y) / length * gap
    kind, head = ("edge edge-spun", "head-spun") if edge.spun_count else ("edge", "head")
    thickness = 1.2 + 5 * edge.copy_count / most
    path = _ARROW.format(kind, x1, y1, bend_x, bend_y, end_x, end_y, thickness, head)
    return titled(
        path,
        f"{edge.from_source} to {edge.to_source}: {counted(edge.copy_count, 'copy')}, {edge.spun_count} spun",
    )


def _name(name: str, place: _Place, radius: float) -> Markup:
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"
    return text(place[0], place[1] - radius - 6, short, "middle", "on-graph")
