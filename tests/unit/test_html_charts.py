from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from newsdedup.reports.html.charts import ranked_bars, spread, timeline_chart
from newsdedup.reports.html.graph import MOST_ARROWS, MOST_SOURCES, copy_graph
from newsdedup.reports.plots import timeline_plot, without_stragglers
from storage.daily import DayCounts
from storage.values import CopyEdge


def edge(from_source: str, to_source: str, count: int = 1, spun: int = 0) -> CopyEdge:
    return CopyEdge(from_source, to_source, count, spun, None)


def places(drawing: str) -> list[tuple[float, float]]:
    return [
        (float(x), float(y))
        for x, y in re.findall(r'<circle class="node" cx="([\d.]+)" cy="([\d.]+)"', drawing)
    ]


@pytest.mark.parametrize(
    "edges",
    [
        [edge("a", "b")],
        [edge("a", "b"), edge("b", "a")],
        [edge("a", "b"), edge("c", "d"), edge("e", "f")],
        [edge("hub", f"s{number}") for number in range(20)],
        [edge(f"s{a}", f"s{b}") for a in range(8) for b in range(8) if a != b],
    ],
    ids=["two", "both ways", "unjoined", "star", "all"],
)
def test_sources_lie_apart_and_inside_the_drawing(edges: list[CopyEdge]) -> None:
    found = places(copy_graph(edges).drawing)
    assert len(found) == len({name for one in edges for name in (one.from_source, one.to_source)})
    assert all(20 <= x <= 740 and 20 <= y <= 500 for x, y in found)
    nearest = min(
        (abs(x - u) + abs(y - v) for place, (x, y) in enumerate(found) for u, v in found[:place]), default=99
    )
    assert nearest > 25


def test_a_graph_does_not_hang_on_the_order_of_its_arrows() -> None:
    edges = [edge(f"s{number % 7}", f"s{number % 5 + 7}", number + 1) for number in range(30)]
    shuffled = random.Random(1).sample(edges, len(edges))  # noqa: S311  an order, not a secret
    assert copy_graph(edges) == copy_graph(shuffled)


def test_a_large_graph_shows_the_busiest_and_tells_what_is_left_out() -> None:
    edges = [edge(f"s{a}", f"s{b}", a + b + 1) for a in range(40) for b in range(40) if a != b]
    graph = copy_graph(edges)
    assert len(places(graph.drawing)) <= MOST_SOURCES
    assert graph.drawing.count("marker-end") == MOST_ARROWS
    assert graph.left_out_count == len(edges) - MOST_ARROWS
    assert "s39 to s38: 78 copies" in graph.drawing


def test_one_that_copies_itself_alone_draws_nothing() -> None:
    assert copy_graph([edge("a", "a", 9)]).drawing == ""


def test_hostile_names_are_text() -> None:
    drawing = copy_graph([edge("<script>x</script>", "b\u202e\x1b[2J")]).drawing
    assert "<script" not in drawing
    assert "\u202e" not in drawing
    assert "\x1b" not in drawing


def days(*counts: tuple[int, int]) -> list[DayCounts]:
    start = date(2026, 3, 1)
    return [
        DayCounts(start + timedelta(days=offset), count, count // 2, count // 4) for offset, count in counts
    ]


def test_bars_of_a_time_line_stand_in_proportion() -> None:
    chart = timeline_chart(timeline_plot(days((0, 4), (2, 8))))
    assert "2026-03-01 to 2026-03-03: 12, 6 copies, 3 spun" in chart
    heights = {float(size) for size in re.findall(r'class="bar" .*?height="([\d.]+)"', chart)}
    assert max(heights) == pytest.approx(2 * min(heights), rel=0.01)
    assert timeline_chart(timeline_plot([])) == ""


def test_few_articles_far_off_in_time_do_not_squeeze_the_rest() -> None:
    together = days(*((offset, 20) for offset in range(5)))
    assert without_stragglers([*days((-3000, 1)), *together, *days((250, 1))]) == (tuple(together), 2)
    assert without_stragglers(together) == (tuple(together), 0)
    assert without_stragglers(days((0, 30), (250, 30))) == (tuple(days((0, 30), (250, 30))), 0)
    assert without_stragglers([]) == ((), 0)


def test_a_story_spreads_from_left_to_right() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    moments = [
        (start, "canonical"),
        (start + timedelta(hours=1), "near"),
        (start + timedelta(hours=4), "spun"),
    ]
    at = [float(re.findall(r'cx="([\d.]+)%"', one.drawing)[0]) for one in spread(moments)]
    assert at == pytest.approx([1.5, 25.75, 98.5])
    (alone,) = spread(moments[:1])
    assert 'cx="1.50%"' in alone.drawing


def test_ranked_bars_are_as_long_as_their_share_of_the_largest() -> None:
    bars = ranked_bars([("a", 10, "near", None), ("b", 5, "spun", "pairs.html"), ("c", 0, "near", None)])
    assert [re.findall(r'width="([\d.]+)%" height="10"', bar.drawing)[-1] for bar in bars] == [
        "100.00",
        "50.00",
        "0.00",
    ]
