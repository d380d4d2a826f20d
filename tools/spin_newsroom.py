"""Rewrite the spun articles of the demo newsroom with the benchmark's spinner programs.

An article file whose front matter says ``spun_from`` gets its text from that article, run through the spinners that
its front matter lists, in order. Deterministic: running it twice changes nothing; a spinner that has changed since
the texts were written gives other texts, and there is no need to follow it. Needs WordNet (wordnet-base).

    python -m tools.spin_newsroom [--check]
"""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.spinners import SpinOptions, spinner
from newsdedup.demo.content import load_content, parse_article

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NEWSROOM = Path(__file__).resolve().parent.parent / "newsdedup" / "demo" / "newsroom"
_OPTION_NAMES = frozenset(option.name for option in fields(SpinOptions))


def spun_files() -> Iterator[Path]:
    """Article files that a spinner writes, in path order."""
    return (path for path in sorted(NEWSROOM.glob("*/*.md")) if "\nspun_from = " in path.read_text("utf-8"))


def spun_file_text(path: Path) -> str:
    """What the file should hold: its front matter as it is, and the text spun anew."""
    file_text = path.read_text("utf-8")
    front, _ = parse_article(file_text)
    text = load_content().articles[front["spun_from"]].text
    for recipe in front["spinner"]:
        text = _spin(text, recipe, seed=path.stem)
    head = file_text.split("+++\n", 2)[1]
    return f"+++\n{head}+++\n{text}\n"


def _spin(text: str, recipe: Mapping[str, Any], seed: str) -> str:
    usual = spinner(recipe["name"])
    chosen = {key: value for key, value in recipe.items() if key in _OPTION_NAMES}
    defaults = {name: getattr(usual.options, name) for name in _OPTION_NAMES}
    return usual.with_options(SpinOptions(**(defaults | chosen))).spin(text, seed)


def main() -> int:
    """Write every spun file; with ``--check``, only say which ones differ."""
    stale = [path for path in spun_files() if path.read_text("utf-8") != spun_file_text(path)]
    for path in stale:
        print(path.relative_to(NEWSROOM))
        if "--check" not in sys.argv[1:]:
            path.write_text(spun_file_text(path), "utf-8")
    return int(bool(stale) and "--check" in sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
