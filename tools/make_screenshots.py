"""Photographs the demo for README: pages in headless Chromium, the terminal as SVG, into docs/images."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from dedup.values import Label
from newsdedup.reports.html.addresses import cluster_page, pair_page
from storage.cluster_lists import list_clusters
from storage.engine import make_sessions, open_engine
from storage.pair_lists import list_pairs
from storage.values import ClusterFilter, ClusterOrder, PairFilter
from tests.support.browser import Look, running_browser, visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Browser

IMAGES = Path(__file__).parents[1] / "docs" / "images"
COLUMNS, ROWS = 110, 74
_HEIGHT = {"overview": 1150, "sources": 760, "cluster": 760, "evidence": 1250, "evidence-dark": 1250}
_COLOURS = 128
# rich's own format, without the fonts that it would load from the web
_SVG = """<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: {char_height}px/{line_height}px "Fira Code", Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
.{unique_id}-title {{ font: bold 18px sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g></g>
</svg>
"""


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        database, report = Path(folder) / "newsdedup-demo.db", Path(folder) / "report"
        shown = in_terminal(["demo", "--database", str(database)])
        (IMAGES / "demo.svg").write_text(terminal_svg(shown, "newsdedup demo"), encoding="utf-8")
        low, high, cluster = telling_pair(f"sqlite:///{database}")
        in_terminal(["report", "html", "--database", str(database), "--output", str(report)])
        pages = {
            "overview": "index.html",
            "sources": "sources.html",
            "cluster": cluster_page(cluster),
            "evidence": pair_page(low, high),
        }
        with running_browser() as browser:
            for name, page in pages.items():
                photograph(browser, report / page, name, Look.LIGHT)
            photograph(browser, report / pages["evidence"], "evidence-dark", Look.DARK)
    for image in sorted(IMAGES.iterdir()):
        print(f"{image.name}: {image.stat().st_size // 1000} kB")


def telling_pair(url: str) -> tuple[int, int, int]:
    """The spun pair of the demo with the most words replaced, of several the most alike, and the biggest cluster."""
    engine = open_engine(url)
    with make_sessions(engine)() as session:
        [cluster] = list_clusters(session, ClusterFilter(order=ClusterOrder.BIGGEST, limit=1))
        pairs = list_pairs(session, PairFilter(label=Label.SPUN))
    engine.dispose()
    pair = max(pairs, key=lambda pair: (round(pair.replaced_ratio, 2), pair.similarity))
    return pair.low_id, pair.high_id, cluster.id


def photograph(browser: Browser, page: Path, name: str, look: Look) -> None:
    with visit(browser, look) as seen:
        seen.page.set_viewport_size({"width": 1180, "height": _HEIGHT[name]})
        seen.page.goto(page.as_uri())
        taken = Image.open(io.BytesIO(seen.page.screenshot()))
    few = taken.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(IMAGES / f"{name}.png", optimize=True)


def in_terminal(arguments: Sequence[str]) -> str:
    """What the command writes to a terminal, colours and all."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "LINES": str(ROWS), "TERM": "xterm-256color"}
    with subprocess.Popen(  # noqa: S603  our own command
        [sys.executable, "-m", "newsdedup", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            written += piece
    os.close(ours)
    if process.returncode:
        raise RuntimeError(f"newsdedup {' '.join(arguments)} failed")
    return written.decode().replace("\r\n", "\n")


def terminal_svg(written: str, title: str) -> str:
    """The first lines as a picture of a terminal."""
    lines = written.splitlines()[:ROWS]
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi("\n".join(lines)), soft_wrap=True)
    return console.export_svg(title=title, theme=MONOKAI, code_format=_SVG)


if __name__ == "__main__":
    main()
