"""Small sites that put one notice, longer than what stands above it, under every article: what is called a copy there?

    python -m bench.notices --half reporting

A site has a few unrelated articles, cut to a brief's length, and a notice made of sentences of other news; a second site
carries the first article with nothing below it. Pairs inside the site are false, the pair across is right. Each site is
judged twice: with its lines, and with every text on one line, as many data sets give them.
"""

from __future__ import annotations

import argparse
import json
import random
from typing import TYPE_CHECKING

from bench.corpus import documents_path
from bench.labels import Half, read_documents
from bench.sources import WORK
from dedup import DedupConfig, find_duplicates
from dedup.values import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

SITES = 20
ARTICLE_WORDS = (40, 80, 150)
NOTICE_RATIOS = (1.2, 2.0, 4.0)
ARTICLE_COUNTS = (2, 3, 5, 10, 19)
_LINE_WORDS = 40
_SITE, _OTHER = "site.test", "other.test"


def cut(text: str, words: int) -> str:
    """The first sentences of a text that have so many words, in two paragraphs."""
    sentences: list[str] = []
    for sentence in text.replace("\n", " ").split(". "):
        sentences.append(sentence.strip() + ".")
        if sum(len(one.split()) for one in sentences) >= words:
            break
    half = len(sentences) // 2
    return f"{' '.join(sentences[:half])}\n{' '.join(sentences[half:])}"


def make_notice(texts: Sequence[str], words: int) -> str:
    """So many words of these texts, in lines of about forty."""
    running = " ".join(texts).split()[:words]
    return "\n".join(" ".join(running[start : start + _LINE_WORDS]) for start in range(0, words, _LINE_WORDS))


def judge_site(texts: Sequence[str], notice: str, *, on_one_line: bool) -> tuple[int, bool]:
    """False pairs inside a site, and whether the copy on the other site was found."""
    made = [f"{text}\n{notice}" for text in texts] + [texts[0]]
    if on_one_line:
        made = [" ".join(text.split()) for text in made]
    documents = [
        Document(f"{place:03d}", text, source=_SITE, language="en") for place, text in enumerate(made[:-1])
    ]
    documents.append(Document("copy", made[-1], source=_OTHER, language="en"))
    pairs = {(pair.id_a, pair.id_b) for pair in find_duplicates(documents, DedupConfig()).pairs}
    return sum("copy" not in pair for pair in pairs), ("000", "copy") in pairs


def judge_sites(
    texts: Sequence[str], ratio: float, count: int, chance: random.Random, *, on_one_line: bool
) -> dict[str, float]:
    """What is found on sites of ``count`` articles under notices ``ratio`` times as long: a row of the table."""
    false = found = 0
    for site in range(SITES):
        words = ARTICLE_WORDS[site % len(ARTICLE_WORDS)]
        *chosen, first, second, third = chance.sample(texts, count + 3)
        notice = make_notice([first, second, third], int(words * ratio))
        of_site, is_found = judge_site([cut(text, words) for text in chosen], notice, on_one_line=on_one_line)
        false += of_site
        found += is_found
    pairs = SITES * count * (count - 1) // 2
    return {
        "on_one_line": on_one_line,
        "ratio": ratio,
        "articles": count,
        "pairs": pairs,
        "false": false,
        "sites": SITES,
        "found": found,
    }


def main() -> None:
    """Prints the table and keeps it for the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", type=Half, default=Half.TUNING)
    half = parser.parse_args().half
    texts = [one.text for one in read_documents(documents_path(half)) if one.group == "bbc"]
    rows = [
        judge_sites(texts, ratio, count, random.Random(f"{ratio} {count}"), on_one_line=on_one_line)
        for on_one_line in (False, True)
        for ratio in NOTICE_RATIOS
        for count in ARTICLE_COUNTS
    ]
    for row in rows:
        print(
            "notice {ratio} times as long, {articles} articles a site, on one line {on_one_line}:"
            " {false} of {pairs} pairs false, {found} of {sites} copies found".format_map(row)
        )
    (WORK / f"notices-{half}.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
