from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from dedup.values import Label, Relation
from newsdedup.cli import main
from newsdedup.reports.plots import SourcesPlot, Step, labels_plot, sources_plot, timeline_plot
from storage.daily import DayCounts, LabelCount, count_days, count_labels
from storage.engine import make_sessions, open_engine
from storage.values import CopyEdge

if TYPE_CHECKING:
    from pathlib import Path

NO_MATPLOTLIB = "import sys; sys.modules['matplotlib'] = None; from newsdedup.cli import main; main()"


def test_the_days_of_a_database_are_counted_in_utc(database: Path) -> None:
    engine = open_engine(f"sqlite:///{database}")
    with make_sessions(engine)() as session:
        assert count_days(session) == (
            DayCounts(date(2026, 5, 4), 3, 1, 0),
            DayCounts(date(2026, 5, 5), 1, 1, 1),
        )
        assert [day.day.day for day in count_days(session, since=datetime(2026, 5, 5, tzinfo=UTC))] == [5]
        assert [day.day.day for day in count_days(session, until=datetime(2026, 5, 5, tzinfo=UTC))] == [4]
        counts = {count.label: count.pair_count for count in count_labels(session)}
        assert counts[Label.SPUN] >= 1
        assert count_labels(session, until=datetime(2020, 1, 1, tzinfo=UTC)) == ()
    engine.dispose()


def test_a_timeline_has_no_gaps_and_long_ones_step_by_week_or_month() -> None:
    first = DayCounts(date(2026, 1, 7), 3, 2, 1)
    days = timeline_plot([first, DayCounts(date(2026, 1, 10), 5, 1, 0)])
    assert (days.step, days.article_counts, days.spun_counts) == (Step.DAY, (3, 0, 0, 5), (1, 0, 0, 0))
    weeks = timeline_plot([first, DayCounts(date(2026, 8, 1), 5, 1, 0)])
    assert (weeks.step, weeks.starts[0]) == (Step.WEEK, date(2026, 1, 5))
    months = timeline_plot([first, DayCounts(date(2030, 12, 31), 5, 1, 0)])
    assert (months.step, len(months.starts), sum(months.article_counts)) == (Step.MONTH, 60, 8)
    assert timeline_plot([]).starts == ()


def test_the_first_and_the_last_day_of_the_calendar_can_be_drawn() -> None:
    last = DayCounts(date(9999, 12, 31), 1, 0, 0)
    for first, step, count in (
        (date(9999, 12, 1), Step.DAY, 31),
        (date(9999, 1, 1), Step.WEEK, 53),
        (date(9990, 5, 1), Step.MONTH, 116),
        (date(1, 1, 1), Step.YEAR, 9999),
    ):
        plot = timeline_plot([DayCounts(first, 2, 1, 1), last])
        assert (plot.step, len(plot.starts), plot.article_counts[0], plot.article_counts[-1]) == (
            step,
            count,
            2,
            1,
        )


def test_a_plot_of_everything_leaves_out_what_lies_far_off_and_says_so(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="plots need the extra: pip install -e '.[plots]'")
    lines = [
        {
            "id": str(number),
            "text": f"Report {number} of the day.",
            "published_at": f"2026-05-0{number % 9 + 1}",
        }
        for number in range(60)
    ]
    lines.append({"id": "far", "text": "A page with a wrong date.", "published_at": "9999-12-31"})
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)))
    words = ["--database", str(tmp_path / "n.db")]
    assert CliRunner().invoke(main, ["import", str(tmp_path / "in.jsonl"), *words]).exit_code == 0
    plot = ["plot", "timeline", *words, "--output", str(tmp_path / "t.svg")]
    assert "far off in time: 1 article;" in CliRunner().invoke(main, plot).stderr
    assert "far off" not in CliRunner().invoke(main, [*plot, "--since", "2026-01-01"]).stderr


def test_the_matrix_keeps_the_busiest_sources_and_counts_what_it_leaves_out() -> None:
    edges = [CopyEdge("A", "B", 5, 2, None), CopyEdge("B", "A", 1, 0, None), CopyEdge("C", "D", 1, 1, None)]
    assert sources_plot(edges, 2) == SourcesPlot(("A", "B"), ((0, 5), (1, 0)), ((0, 2), (0, 0)), 1)


def test_all_labels_are_shown_revisions_apart() -> None:
    plot = labels_plot([LabelCount(Label.NEAR, Relation.REVISION, 4)])
    assert plot.labels == tuple(Label)
    assert sum(plot.copy_counts) == 0
    assert plot.revision_counts[plot.labels.index(Label.NEAR)] == 4


@pytest.mark.parametrize("kind", ["timeline", "sources", "labels"])
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_plot_is_a_picture_and_the_same_twice(
    database: Path, tmp_path: Path, kind: str, ending: str
) -> None:
    pytest.importorskip("matplotlib", reason="plots need the extra: pip install -e '.[plots]'")
    pictures = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}.{ending}"
        result = CliRunner().invoke(main, ["plot", kind, "--database", str(database), "--output", str(path)])
        assert (result.exit_code, result.stderr) == (0, f"wrote {path}\n")
        pictures.append(path.read_bytes())
    assert pictures[0] == pictures[1]
    if ending == "png":
        assert pictures[0].startswith(b"\x89PNG")
    else:
        assert ET.fromstring(pictures[0]).tag.endswith("svg")  # noqa: S314 -- our own file


def test_an_empty_time_is_an_empty_picture(database: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="plots need the extra: pip install -e '.[plots]'")
    for kind in ("timeline", "labels"):
        arguments = ["plot", kind, "--until", "2000-01-01", "--output", str(tmp_path / "none.png")]
        assert CliRunner().invoke(main, [*arguments, "--database", str(database)]).exit_code == 0


def test_names_from_the_web_do_not_act_in_a_picture(tmp_path: Path) -> None:
    plots = pytest.importorskip("newsdedup.render.plots", reason="plots need the extra")
    hostile = "$\\frac{1}{0}$ --><script>alert(1)</script>\x1b[2J\u202e"
    with (tmp_path / "hostile.svg").open("wb") as stream:
        plots.draw(SourcesPlot((hostile, "B"), ((0, 1), (0, 0)), ((0, 1), (0, 0))), "svg", stream)
    text = (tmp_path / "hostile.svg").read_text(encoding="utf-8")
    assert not {"\x1b", "\u202e"} & set(text)
    assert "script" not in {element.tag.rpartition("}")[2] for element in ET.fromstring(text).iter()}  # noqa: S314 -- our own file


def test_another_ending_is_wrong_use(database: Path) -> None:
    result = CliRunner().invoke(main, ["plot", "labels", "--database", str(database), "--output", "x.gif"])
    assert result.exit_code == 2
    assert ".png or .svg" in result.stderr


def test_without_the_extra_it_says_what_to_install(database: Path, tmp_path: Path) -> None:
    command = ["plot", "labels", "--database", str(database), "--output", str(tmp_path / "x.png")]
    result = subprocess.run(
        [sys.executable, "-c", NO_MATPLOTLIB, *command], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "pip install -e '.[plots]'" in result.stderr
    assert "Traceback" not in result.stderr
