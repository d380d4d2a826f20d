"""Makes the labelled corpus of one half: documents and pairs with their truth, from fixed seeds.

    python -m bench.corpus tuning reporting

Must not run a detector: every label is set before any answer is seen.
"""

from __future__ import annotations

import argparse
import random
import re
from datetime import datetime, timedelta
from functools import cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from bench import edits, originals
from bench.adjudication import event_truth
from bench.hard_negatives import best_aligned_reports, best_aligned_wire
from bench.labels import BenchDocument, Half, LabelledPair, Truth, pair_of, write_jsonl
from bench.originals import half_for
from bench.recipes import RECIPES, Host, Recipe, boilerplate, site_of
from bench.sources import WORK
from bench.templates import write_reports

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bench.originals import Original

SEED = "newsdedup-bench-1"
REPORTS_PER_TEMPLATE = 40
_MIXSET_ROWS = {
    "gpt4_polish_token": "machine rewrite, GPT-4 word polish",
    "2llama_polish_token": "machine rewrite, Llama 2 word polish",
    "gpt4_polish_sentence": "machine rewrite, GPT-4 sentence polish",
    "2llama_polish_sentence": "machine rewrite, Llama 2 sentence polish",
    "gpt4_rewrite": "machine rewrite, GPT-4 full rewrite",
    "2llama_rewrite": "machine rewrite, Llama 2 full rewrite",
}


def documents_path(half: Half) -> Path:
    """Where the documents of a half are kept."""
    return WORK / f"documents-{half}.jsonl"


def pairs_path(half: Half) -> Path:
    """Where the labelled pairs of a half are kept."""
    return WORK / f"pairs-{half}.jsonl"


def build(half: Half) -> tuple[list[BenchDocument], list[LabelledPair]]:
    """The corpus of a half; the reporting half has the other half's articles as background too."""
    documents = [as_background(o) for o in _background_originals(half)]
    pairs: list[LabelledPair] = []
    for part in (_made_copies(half), _given_copies(half), _site_negatives(half), _generated(half)):
        documents += part[0]
        pairs += part[1]
    return documents, [*pairs, *_event_pairs(half), *_wire_pairs(half)]


def _background_originals(half: Half) -> Iterable[Original]:
    sets = (originals.reuters(), originals.bbc(), originals.events(), originals.french(), originals.german())
    everything = (o for group in sets for o in group if o.text.strip() and not _is_reserved(o))
    return (o for o in everything if half is Half.REPORTING or half_for(o) is half)


def _is_reserved(o: Original) -> bool:
    return _is_host_material(o) or _is_site_material(o)


def _is_host_material(o: Original) -> bool:
    is_fitting = o.group in {"bbc", "reuters"} and o.is_lone and edits.word_count(o.text) >= 200
    return is_fitting and random.Random(f"host/{o.id}").random() < 0.25 and not _is_mixset_story(o)


def _is_site_material(o: Original) -> bool:
    is_fitting = o.group == "reuters" and o.is_lone and 40 <= edits.word_count(o.text) <= 120
    return is_fitting and random.Random(f"site/{o.id}").random() < 0.06


def is_plain_news(o: Original, half: Half) -> bool:
    """Whether an article may be copied: of the half, without known copies, and not set aside as other material."""
    return half_for(o) is half and o.is_lone and not _is_reserved(o)


def _is_mixset_story(o: Original) -> bool:
    return o.group == "bbc" and o.story in _mixset_stories()


@cache
def _mixset_stories() -> frozenset[str]:
    return frozenset(row.story for row in originals.mixset())


def as_background(o: Original) -> BenchDocument:
    """An article as it was published, with a source of its collection or outlet."""
    at = o.published_at.isoformat() if o.published_at else None
    source = f"{o.group}.test" if o.group != "events" else f"{o.id[:6]}.test"
    return BenchDocument(o.id, o.text, (o.story,), half_for(o), o.group, o.title, source, at)


def _made_copies(half: Half) -> tuple[list[BenchDocument], list[LabelledPair]]:
    news = [o for o in (*originals.bbc(), *originals.reuters()) if half_for(o) is half and o.is_lone]
    hosts = [Host(o.story, o.text) for o in news if _is_host_material(o)]
    pools = {
        "en": [o for o in news if not _is_reserved(o)],
        "fr": [o for o in originals.french() if half_for(o) is half],
        "de": [o for o in originals.german() if half_for(o) is half],
    }
    documents, pairs = [], []
    for number, recipe in enumerate(RECIPES):
        for original in _chosen(pools[recipe.language], recipe):
            copy = _copied(original, hosts, recipe, f"copy-{number:02d}-{original.id}")
            documents.append(copy)
            pairs.append(LabelledPair(*pair_of(original.id, copy.id), recipe.row, Truth.COPY))
    return documents, pairs


def _chosen(pool: Sequence[Original], recipe: Recipe) -> list[Original]:
    fitting = [
        o
        for o in pool
        if recipe.min_words <= edits.word_count(o.text) <= recipe.max_words
        and re.search(recipe.must_hold, o.text)
    ]
    rng = random.Random(f"{SEED}/choose/{recipe.row}")
    rng.shuffle(fitting)
    wire = [o for o in fitting if o.group == "reuters"]
    rest = [o for o in fitting if o.group != "reuters"]
    wanted_wire = max(recipe.count * 3 // 10, recipe.count - len(rest))
    return [*wire[:wanted_wire], *rest[: recipe.count - min(wanted_wire, len(wire))]]


def _copied(original: Original, hosts: Sequence[Host], recipe: Recipe, key: str) -> BenchDocument:
    rng = random.Random(f"{SEED}/{key}")
    made = recipe.make(original, hosts, rng)
    return BenchDocument(
        id=key,
        text=made.text,
        stories=(original.story, *made.other_stories),
        half=half_for(original),
        group="copy",
        title=f"{(original.title or 'News').split(' ')[0]} story {rng.randrange(10**6)}",
        source=made.site or site_of(rng),
        published_at=_later(original.published_at, rng),
        is_host=made.is_host,
    )


def _later(at: datetime | None, rng: random.Random) -> str | None:
    return (at + timedelta(minutes=rng.randint(20, 3000))).isoformat() if at else None


def _given_copies(half: Half) -> tuple[list[BenchDocument], list[LabelledPair]]:
    given = [o for o in (*originals.onestop(), *originals.mixset(), *originals.wiki()) if half_for(o) is half]
    documents = [
        BenchDocument(o.id, o.text, (o.story,), half, o.group, None, f"{o.group}.test") for o in given
    ]
    versions: dict[tuple[str, str], list[Original]] = {}
    for o in given:
        versions.setdefault(
            (o.group, o.id.rsplit("/", 1)[0] if o.group == "wiki" else _set_key(o)), []
        ).append(o)
    return documents, [
        pair for (group, _), texts in versions.items() for pair in _version_pairs(group, texts)
    ]


def _set_key(o: Original) -> str:
    return o.story if o.group == "onestop" else "-".join(o.id.split("-")[:2])


def _version_pairs(group: str, texts: list[Original]) -> Iterable[LabelledPair]:
    if group == "wiki":
        ordered = sorted(texts, key=lambda o: int(o.variant))
        pairs = [(a, b, "Wikipedia, adjacent revisions") for a, b in pairwise(ordered)]
    else:
        by_variant = {o.variant: o for o in texts}
        first = by_variant["Adv" if group == "onestop" else "orig"]
        rows = (
            {"Int": "teacher rewrite, Adv-Int", "Ele": "teacher rewrite, Adv-Ele"}
            if group == "onestop"
            else _MIXSET_ROWS
        )
        pairs = [(first, by_variant[variant], row) for variant, row in rows.items() if variant in by_variant]
    return [LabelledPair(*pair_of(a.id, b.id), row, Truth.COPY, group) for a, b, row in pairs]


def _site_negatives(half: Half) -> tuple[list[BenchDocument], list[LabelledPair]]:
    briefs = [o for o in originals.reuters() if half_for(o) is half and _is_site_material(o)]
    sites = [f"boilerplate{number}.test" for number in range(10)]
    documents = []
    for number, o in enumerate(briefs):
        site = sites[number % len(sites)]
        above, below = boilerplate(site)
        at = _later(o.published_at, random.Random(o.id))
        text = f"{above}\n\n{o.text}\n\n{below}"
        documents.append(
            BenchDocument(f"site-{o.id}", text, (o.story,), half, "boilerplate", o.title, site, at)
        )
    pairs = [
        LabelledPair(*pair_of(a.id, b.id), "unrelated briefs of one site", Truth.DIFFERENT)
        for a, b in combinations(documents, 2)
        if a.source == b.source
    ]
    return documents, pairs


def _generated(half: Half) -> tuple[list[BenchDocument], list[LabelledPair]]:
    reports = write_reports(half, REPORTS_PER_TEMPLATE, SEED)
    documents = [
        BenchDocument(
            f"report-{r.kind}-{number:04d}",
            r.text,
            (f"report/{half}/{number}",),
            half,
            "report",
            r.title,
            site_of(random.Random(number)),
        )
        for number, r in enumerate(reports)
    ]
    by_template: dict[int, list[BenchDocument]] = {}
    for document, report in zip(documents, reports, strict=True):
        by_template.setdefault(report.template, []).append(document)
    pairs = [
        LabelledPair(
            *pair_of(a.id, b.id), "templated reports, all pairs of a template", Truth.DIFFERENT, "report"
        )
        for group in by_template.values()
        for a, b in combinations(group, 2)
    ]
    best = best_aligned_reports(list(by_template.values()), 250)
    return documents, [
        *pairs,
        *(
            LabelledPair(*ids, "templated reports, 500 best aligned", Truth.DIFFERENT, "report")
            for ids in best
        ),
    ]


def _event_pairs(half: Half) -> list[LabelledPair]:
    articles = [o for o in originals.events() if half_for(o) is half]
    rows = {
        Truth.COPY: "wire copies among articles on one event",
        Truth.DIFFERENT: "same event, other outlet",
        Truth.IGNORED: "articles on one event with agency passages in common",
    }
    same_event = (pair for pair in combinations(articles, 2) if pair[0].variant == pair[1].variant)
    return [
        LabelledPair(*pair_of(a.id, b.id), rows[truth], truth)
        for a, b in same_event
        for truth in [Truth.COPY if a.story == b.story else event_truth(a.text, b.text)]
    ]


def _wire_pairs(half: Half) -> list[LabelledPair]:
    articles = [o for o in originals.reuters() if half_for(o) is half and not _is_reserved(o)]
    known = {o.id for o in articles}
    natural = originals.natural_reuters_pairs(originals.reuters())
    rows = {
        Truth.COPY: "natural wire copies",
        Truth.DIFFERENT: "templated wire reports, 5-gram Jaccard >= .3",
        Truth.IGNORED: "undecided wire pairs",
    }
    pairs = [
        LabelledPair(a, b, rows[truth], truth)
        for (a, b), truth in sorted(natural.items())
        if a in known and b in known
    ]
    best = best_aligned_wire(articles, frozenset(natural), 250)
    return [
        *pairs,
        *(
            LabelledPair(*ids, "templated reports, 500 best aligned", Truth.DIFFERENT, "reuters")
            for ids in best
        ),
    ]


def write_corpus(half: Half) -> tuple[int, int]:
    """Makes and keeps the documents and labelled pairs of a half; how many of each."""
    documents, pairs = build(half)
    write_jsonl(documents_path(half), documents)
    write_jsonl(pairs_path(half), pairs)
    return len(documents), len(pairs)


def main() -> None:
    """Writes the documents and labelled pairs of the halves named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("halves", nargs="*", type=Half, default=list(Half))
    for half in parser.parse_args().halves:
        document_count, pair_count = write_corpus(half)
        print(f"{half}: {document_count} documents, {pair_count} labelled pairs")


if __name__ == "__main__":
    main()
