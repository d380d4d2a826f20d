"""Connected components of a graph too large for one machine: each node to the smallest node of its component.

Must not know what the nodes are.

Source: Kiveris, Lattanzi, Mirrokni, Rastogi, Vassilvitskii 2014, Connected Components in MapReduce and Beyond
(alternating large-star and small-star).
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from pyspark.sql import functions as f

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame


def connected_components(edges: DataFrame, store: Callable[[str, DataFrame], DataFrame]) -> DataFrame:
    """Columns ``number`` and ``root``, for every node of edges ``low`` < ``high``.

    ``store(name, table)`` keeps the edges of each round. Every node is drawn to the smallest neighbour it knows, so
    the number of rounds grows with the logarithm of the longest chain, and no node gathers its neighbours in memory.
    """
    found, before = store("components-0", edges.select("low", "high").distinct()), None
    rounds = count(1)
    while (mark := _mark(found)) != before:
        before = mark
        found = store(f"components-{next(rounds)}", _small_star(_large_star(found)))
    roots = found.select(f.col("high").alias("number"), f.col("low").alias("root"))
    return roots.union(found.select("low", "low")).distinct()


def _mark(edges: DataFrame) -> tuple[int, int]:
    """What two equal sets of edges have in common, and others hardly ever."""
    row = edges.agg(f.count("*"), f.bit_xor(f.xxhash64("low", "high"))).collect()[0]
    return int(row[0]), int(row[1] or 0)


def _large_star(edges: DataFrame) -> DataFrame:
    """Larger neighbours go to the smallest node near."""
    both = edges.union(edges.select("high", "low"))
    nearest = both.groupBy("low").agg(f.least("low", f.min("high")).alias("root"))
    joined = both.where("high > low").join(nearest, "low")
    return joined.select(f.col("root").alias("low"), "high").distinct()


def _small_star(edges: DataFrame) -> DataFrame:
    """Smaller neighbours, and the node itself, go to the smallest of them."""
    nearest = edges.groupBy("high").agg(f.min("low").alias("root"))
    joined = edges.join(nearest, "high")
    others = joined.select("root", "low").where("root <> low")
    return others.union(nearest.select("root", "high")).toDF("low", "high").distinct()
