"""The rates that docs/scale.md reckons with: each step's processor time and bytes, alone and under Spark.

    python -m bench.scale

Writes bench/scale.json. Processor seconds, which other work on the machine disturbs little; must not extrapolate.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.process_tree import processor_seconds
from bench.sources import ROOT, data_dir, read_rows
from crawler.page.extraction import extract_article
from dedup import DedupConfig, find_duplicates, judge_pair, sign_documents
from dedup.boilerplate import mark_boilerplate
from dedup.candidates import candidate_pairs, may_be_duplicates
from dedup.signatures import sign_corpus
from dedup.values import Document
from newsdedup.jobs.database import open_database
from newsdedup.jobs.read_articles import ReadingRequest
from newsdedup.spark.job import SparkRequest, run_spark
from newsdedup.spark.loading import load_tables
from newsdedup.spark.reading import Inputs
from newsdedup.spark.session import spark_session
from tests.support.fundus_site import read_real_pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession

RESULTS = ROOT / "bench" / "scale.json"
SIZES = (500, 2_000)
PAGES = 60
_MAX_JUDGED = 3_000


def documents(count: int) -> list[dict[str, object]]:
    """News of the BBC and of the Reuters wire, the most templated there is, one in four long."""
    long, short = read_rows("bbc"), read_rows("reuters21578")
    chance = random.Random(1)
    chosen = chance.sample(long, min(count // 5, len(long)))
    chosen += chance.sample(short, count - len(chosen))
    chance.shuffle(chosen)
    return [
        {"id": row["doc_id"], "text": row["text"], "source": row["doc_id"].partition("-")[0]}
        for row in chosen
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args()
    results: dict[str, object] = {
        "when": f"{datetime.now(UTC):%Y-%m-%d}",
        "alone": alone(documents(min(options.sizes))),
    }
    print(json.dumps(results["alone"], indent=1), flush=True)
    runs = []
    with spark_session(
        "local[2]", {"spark.driver.memory": "2g", "spark.sql.shuffle.partitions": "4"}
    ) as spark:
        with tempfile.TemporaryDirectory() as folder:  # whatever is done once is done here
            spark_run(spark, documents(100), Path(folder), stores=False)
        for size in options.sizes:
            with tempfile.TemporaryDirectory() as folder:
                runs.append(
                    spark_run(spark, documents(size), Path(folder), stores=size == min(options.sizes))
                )
            print(json.dumps(runs[-1], indent=1), flush=True)
    RESULTS.write_text(json.dumps({**results, "spark": runs}, indent=1) + "\n")


def alone(entries: list[dict[str, object]]) -> dict[str, float]:
    """Each step on one core, in one process."""
    config = DedupConfig()
    corpus = mark_boilerplate(
        Document(str(one["id"]), str(one["text"]), source=str(one["source"]), language="en")
        for one in entries
    )
    sign_documents(corpus[:10], config)
    signing = _seconds(lambda: sign_documents(corpus, config))
    signed = sign_corpus(corpus, config)
    lows, highs = candidate_pairs(signed, config)
    estimating = _seconds(lambda: may_be_duplicates(signed, lows, highs, config))
    is_likely = may_be_duplicates(signed, lows, highs, config)
    likely = list(zip(lows[is_likely].tolist(), highs[is_likely].tolist(), strict=True))[:_MAX_JUDGED]
    judging = _seconds(lambda: [judge_pair(corpus[a], corpus[b], config) for a, b in likely])
    whole = _seconds(lambda: find_duplicates(corpus, config))
    pages = read_real_pages(data_dir() / "fundus-parser-tests.tar.gz")[:PAGES]
    now = datetime.now(UTC)
    extract_article(pages[0].html, pages[0].url, now=now)
    extracting = _seconds(lambda: [extract_article(page.html, page.url, now=now) for page in pages])
    buckets = sum(len(signature.buckets) for signature in sign_documents(corpus, config))
    return {
        "documents": len(corpus),
        "words_a_document": sum(signed.word_counts) / len(corpus),
        "characters_a_document": sum(len(document.text) for document in corpus) / len(corpus),
        "buckets_a_document": buckets / len(corpus),
        "candidates_a_document": len(lows) / len(corpus),
        "likely_a_document": float(is_likely.sum()) / len(corpus),
        "sign_a_second": len(corpus) / signing,
        "estimate_a_second": len(lows) / estimating,
        "judge_a_second": len(likely) / judging,
        "file_mode_a_second": len(corpus) / whole,
        "extract_a_second": len(pages) / extracting,
    }


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def spark_run(
    spark: SparkSession, entries: list[dict[str, object]], folder: Path, *, stores: bool
) -> dict[str, object]:
    """One run: wall and processor seconds up to each table, bytes of each; the processes of Spark are all counted."""
    source = folder / "in.jsonl"
    source.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    inputs = Inputs((str(source),), None, ReadingRequest(datetime.now(UTC)), is_for_database=True)
    before, began = processor_seconds(os.getpid()), time.monotonic()
    steps: dict[str, float] = {}
    tables, report = run_spark(
        spark,
        SparkRequest(inputs, str(folder / "out"), 8),
        DedupConfig(),
        lambda table, _rows: steps.__setitem__(table, processor_seconds(os.getpid()) - before),
    )
    result = {
        **asdict(report),
        "wall_seconds": time.monotonic() - began,
        "processor_seconds": processor_seconds(os.getpid()) - before,
        "processor_seconds_up_to": steps,
        "bytes": {path.name: _size(path) for path in sorted((folder / "out").iterdir())},
    }
    if stores:
        before = processor_seconds(os.getpid())
        sessions = open_database(f"sqlite:///{folder}/news.db", create=True)
        stored = load_tables(sessions, tables, DedupConfig(), worker_count=1)
        result["store_a_second"] = stored.stored.new_count / (processor_seconds(os.getpid()) - before)
        result["database_bytes"] = (folder / "news.db").stat().st_size
    return result


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


if __name__ == "__main__":
    main()
