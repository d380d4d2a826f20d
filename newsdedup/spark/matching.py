"""The steps of file mode as tables of Spark: which rows meet, so that the functions of ``dedup`` can judge them.

Must not decide anything itself: every verdict comes from ``dedup``, every choice of rows is file mode's.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as f
from pyspark.sql.pandas.types import from_arrow_schema

from dedup.boilerplate import NEW_WORDS_RATIO
from newsdedup.spark import rows, workers
from newsdedup.spark.components import connected_components

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import Column, DataFrame

    from dedup import DedupConfig

    Store = Callable[[str, DataFrame], DataFrame]

_SORTED_BY = ("text", "title", "url", "source", "published_at", "language")


def number_documents(read: DataFrame) -> DataFrame:
    """One document an id, numbered in the order of ids: of several captures the latest, of equals the first in order."""
    order = [f.col("captured_at").desc_nulls_last(), *(f.col(name).asc_nulls_first() for name in _SORTED_BY)]
    place = f.row_number().over(Window.partitionBy("id").orderBy(*order))
    distinct = read.where("reason is null").withColumn("place", place).where("place = 1")
    columns = [*rows.DOCUMENT_FIELDS, "article"]
    # rising with the id, because partitions are numbered in the order of the sort
    return distinct.select(*columns).orderBy("id").withColumn("number", f.monotonically_increasing_id())


def list_lines(documents: DataFrame) -> DataFrame:
    """The lines of every document that has a source."""
    told = documents.where("source is not null and source <> ''").select("number", "source", "text")
    return told.mapInArrow(workers.list_lines, from_arrow_schema(rows.LINES))


def mark_boilerplate(lines: DataFrame, documents: DataFrame) -> DataFrame:
    """Columns ``number`` and ``boilerplate``, for the documents that hold lines their source repeats.

    Nearly all lines stand in one article; they are summed up by Spark, and a source's own worker sees the rest, with
    the texts of articles that are mostly shared lines, or whose lines are sentences.
    """
    shared = lines.groupBy("source", "line").count().where("count > 1").select("source", "line")
    is_shared = f.col("is_shared").isNotNull()
    words = f.when(~is_shared, f.col("word_count")).otherwise(0)
    articles = (
        lines.join(shared.withColumn("is_shared", f.lit(True)), ["source", "line"], "left")
        .groupBy("source", "number")
        .agg(
            f.collect_list(f.when(is_shared, f.struct("line", "word_count"))).alias("shared"),
            f.sum("word_count").alias("word_count"),
            f.sum(words).alias("own_word_count"),
            f.bool_or("is_cut").alias("is_cut"),
            f.max(words).alias("longest_own_word_count"),
        )
        .where("size(shared) > 0")
    )
    needs_text = f.col("is_cut") | (f.col("own_word_count") < NEW_WORDS_RATIO * f.col("word_count"))
    with_text = articles.join(documents.select("number", "text"), "number").withColumn(
        "text", f.when(needs_text, f.col("text")).otherwise("")
    )
    learnt = with_text.groupBy("source").applyInArrow(
        workers.learn_source, from_arrow_schema(rows.BOILERPLATE)
    )
    found = lines.join(learnt, ["source", "line"])
    return found.groupBy("number").agg(f.collect_set("line").alias("boilerplate"))


def sign(documents: DataFrame, marks: DataFrame, config: DedupConfig) -> DataFrame:
    """The signatures of all documents, with the boilerplate that was left out of them."""
    marked = documents.drop("article").join(marks, "number", "left")
    return marked.mapInArrow(partial(workers.sign, config=config), from_arrow_schema(rows.SIGNATURES))


def pair_exact(documents: DataFrame, signatures: DataFrame) -> DataFrame:
    """Equal texts as stars: ``low`` is the document that stands for the others."""
    worded = signatures.where("word_count > 0").select("number", "text_hash")
    shared = worded.groupBy("text_hash").count().where("count > 1").select("text_hash")
    groups = worded.join(shared, "text_hash").join(documents.select("number", *_dated()), "number")
    return groups.groupBy("text_hash").applyInArrow(workers.collapse_exact, from_arrow_schema(rows.EDGES))


def _dated() -> list[Column]:
    return [*(f.col(name) for name in rows.DATED_FIELDS), f.length("text").alias("length")]


def find_candidates(signatures: DataFrame, exact: DataFrame, config: DedupConfig) -> DataFrame:
    """Pairs that share a bucket, each once; one shuffle of all buckets, whatever their sizes.

    A worker gets whole buckets, sorted, and passes over them: a bucket of a million documents is a million steps.
    """
    others = exact.select(f.col("high").alias("number"))
    indexed = signatures.where("word_count > 0").join(others, "number", "left_anti")
    postings = indexed.select(f.explode("buckets").alias("bucket"), "number")
    gathered = postings.repartition("bucket").sortWithinPartitions("bucket", "number")
    pairs = gathered.mapInArrow(partial(workers.pair_buckets, config=config), from_arrow_schema(rows.EDGES))
    return pairs.distinct()


def keep_likely(candidates: DataFrame, signatures: DataFrame, config: DedupConfig) -> DataFrame:
    """The candidates whose whole signatures speak for alignment."""
    fields = f.struct("text_hash", "language", "word_count", "minhash", "passages")
    both = _with_sides(candidates, signatures.select("number", fields.alias("side")))
    return both.mapInArrow(partial(workers.estimate, config=config), from_arrow_schema(rows.EDGES))


def judge(
    pairs: DataFrame, documents: DataFrame, signatures: DataFrame, config: DedupConfig, partition_count: int
) -> DataFrame:
    """A verdict on each pair."""
    ordered = pairs.select(f.least("low", "high").alias("low"), f.greatest("low", "high").alias("high"))
    marked = documents.join(signatures.select("number", "boilerplate"), "number")
    side = f.struct(*rows.DOCUMENT_FIELDS, "boilerplate").alias("side")
    both = _with_sides(ordered, marked.select("number", side))
    # alignment is what costs, not bytes, which Spark would divide the work by
    spread = both.repartition(partition_count, "low").sortWithinPartitions("low", "high")
    return spread.mapInArrow(partial(workers.judge, config=config), from_arrow_schema(rows.VERDICTS))


def _with_sides(pairs: DataFrame, sides: DataFrame) -> DataFrame:
    lows, highs = sides.toDF("low", "a"), sides.toDF("high", "b")
    return pairs.join(lows, "low").join(highs, "high").select("low", "high", "a", "b")


def derive_clusters(verdicts: DataFrame, documents: DataFrame, store: Store) -> DataFrame:
    """The clusters of the pairs that join, with their members and how many pairs of each label join them."""
    joining = verdicts.where("label is not null and joins_cluster").select("low", "high", "label")
    roots = store("roots", connected_components(joining, store))
    members = roots.join(documents.select("number", *_dated()), "number")
    described = members.groupBy("root").applyInArrow(
        workers.describe_cluster, from_arrow_schema(rows.CLUSTERS)
    )
    labelled = joining.join(roots.withColumnRenamed("number", "low"), "low").groupBy("root", "label").count()
    entries = f.array_sort(f.collect_list(f.struct("label", "count")))
    labels = labelled.groupBy("root").agg(f.map_from_entries(entries).alias("labels"))
    return described.join(labels, "root").drop("root").orderBy("cluster_id")
