"""Photographs pages of the demo for README in headless Chromium, into docs/images."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from dedup.values import Label
from newsdedup.reports.html.addresses import OVERVIEW, pair_page
from storage.engine import make_sessions, open_engine
from storage.pair_lists import list_pairs
from storage.values import PairFilter
from tests.support.browser import Look, running_browser, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IMAGES = Path(__file__).parents[1] / "docs" / "images"
_COLOURS = 128


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        database, report = Path(folder) / "newsdedup-demo.db", Path(folder) / "report"
        run("demo", "--database", str(database))
        run("report", "html", "--database", str(database), "--output", str(report))
        with running_browser() as browser:
            photograph(browser, report / OVERVIEW, "overview", height=1150)
            photograph(browser, report / telling_page(f"sqlite:///{database}"), "evidence", height=1250)
    for image in sorted(IMAGES.iterdir()):
        print(f"{image.name}: {image.stat().st_size // 1000} kB")


def telling_page(url: str) -> str:
    """The page of the demo's spun pair that shows most: alike, with many words replaced."""
    engine = open_engine(url)
    with make_sessions(engine)() as session:
        pairs = list_pairs(session, PairFilter(label=Label.SPUN))
    engine.dispose()
    pair = max(pairs, key=lambda pair: pair.similarity * pair.replaced_ratio)
    return pair_page(pair.low_id, pair.high_id)


def photograph(browser: Browser, page: Path, name: str, *, height: int) -> None:
    with visit(browser, Look.LIGHT) as seen:
        seen.page.set_viewport_size({"width": 1180, "height": height})
        seen.page.goto(page.as_uri())
        taken = Image.open(io.BytesIO(seen.page.screenshot()))
    few = taken.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(IMAGES / f"{name}.png", optimize=True)


def run(*arguments: str) -> None:
    """Run a command of ours, quietly.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "newsdedup", *arguments, "-q"], check=True, stdout=subprocess.DEVNULL
    )


if __name__ == "__main__":
    main()
