"""Real news in two dozen languages with words replaced at random: are the copies found where no thesaurus is at hand?

    python -m bench.languages

The articles that publishers' own parsers read from real pages of 41 countries, each with 30, 60 and 90% of its words of
four letters or more replaced by other words of its language; names, figures and function words stay. In
Chinese and Japanese pairs of characters are replaced. Nothing was fitted on any of these texts.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from bench.sources import WORK, data_dir
from dedup import DedupConfig, find_duplicates
from dedup.languages import detect_language, function_words, is_spaceless
from dedup.normalize import split_words
from dedup.values import Document
from tests.support.fundus_site import read_real_pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHARES = (0.3, 0.6, 0.9)
_MIN_WORDS = 80
_MIN_LETTERS = 4
_WORD = re.compile(r"[^\W\d_]+")
_CHARACTERS = re.compile("[\u4e00-\u9fff]{2}")


def read_articles() -> dict[str, list[str]]:
    """The articles of 80 words or more, by language; of a page that the archive holds twice the first."""
    articles: defaultdict[str, list[str]] = defaultdict(list)
    pages = {page.url: page for page in reversed(read_real_pages(data_dir() / "fundus-parser-tests.tar.gz"))}
    for page in reversed(pages.values()):
        if len(split_words(page.body)) >= _MIN_WORDS:
            articles[detect_language(page.body)].append(page.body)
    return dict(sorted(articles.items()))


def replaceable(text: str, language: str) -> list[str]:
    """What may be replaced in a text: long words in lower case, or pairs of characters."""
    if is_spaceless(language):
        return _CHARACTERS.findall(text)
    kept = set(function_words(language))
    words = _WORD.findall(text)
    return [word for word in words if _may_go(word) and not kept.intersection(split_words(word))]


def _may_go(word: str) -> bool:
    # where every noun has a capital those stay as well: the rest is what is replaced
    return len(word) >= _MIN_LETTERS and not word[0].isupper()


def replace_words(text: str, language: str, vocabulary: Sequence[str], share: float, seed: str) -> str:
    """The text with this share of its replaceable words replaced, each word always by the same other one."""
    rng = random.Random(seed)
    others = {
        word: rng.choice(vocabulary) if rng.random() < share else word
        for word in dict.fromkeys(replaceable(text, language))
    }
    pattern = _CHARACTERS if is_spaceless(language) else _WORD
    return pattern.sub(lambda match: others.get(match.group(), match.group()), text)


def make_documents(articles: Mapping[str, Sequence[str]]) -> list[Document]:
    """Every article and its altered copies; ids are ``language/number/share``, the original's share is 0."""
    documents = []
    for language, texts in articles.items():
        vocabulary = sorted({word for text in texts for word in replaceable(text, language)})
        for number, text in enumerate(texts):
            documents.append(Document(f"{language}/{number}/0", text))
            documents += [
                Document(
                    f"{language}/{number}/{share}",
                    replace_words(text, language, vocabulary, share, f"{language} {number} {share}"),
                )
                for share in SHARES
            ]
    return documents


def measure(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """A row for each language: articles, copies found at each share, and pairs of different articles called copies."""
    pairs = {(pair.id_a, pair.id_b) for pair in find_duplicates(documents, DedupConfig()).pairs}
    places = [document.id.split("/") for document in documents]
    counts = Counter(language for language, _, share in places if share == "0")
    copies = Counter(_story(b)[0] + b.rsplit("/", 1)[1] for a, b in pairs if _is_copy(a, b))
    false = Counter(_story(a)[0] for a, b in pairs if _story(a) != _story(b))
    return [
        {
            "language": language,
            "articles": count,
            "found": [copies[f"{language}{share}"] for share in SHARES],
            "pairs": math.comb(count, 2) * (1 + len(SHARES)) ** 2,
            "false": false[language],
        }
        for language, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _story(document_id: str) -> tuple[str, str]:
    language, number, _ = document_id.split("/")
    return language, number


def _is_copy(a: str, b: str) -> bool:
    return _story(a) == _story(b) and a.endswith("/0")


def main() -> None:
    """Prints the table and keeps it for the report."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    rows = measure(make_documents(read_articles()))
    for row in rows:
        found = ", ".join(f"{share:.0%} {count}" for share, count in zip(SHARES, row["found"], strict=True))
        print(
            f"{row['language']:4} {row['articles']:3} articles, copies found: {found}; {row['false']} false"
        )
    (WORK / "languages.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
