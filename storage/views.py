"""The views that the program itself reads, as tables to select from; what they mean is in the migrations.

Only the columns that are read are declared: a view computes no column that nobody asks for.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Float, Integer, String, column, table

from storage.models import UtcDateTime

CLUSTER_MEMBER = table(
    "v_cluster_member",
    column("cluster_id", BigInteger),
    column("article_id", BigInteger),
    column("is_canonical", Boolean),
    column("label", String),
    column("relation", String),
    column("similarity", Float),
    column("compared_with_id", BigInteger),
    column("lag_seconds", Float),
    column("appeared_at", UtcDateTime),
)
COPY_EDGE = table(
    "v_copy_edge",
    column("from_source", String),
    column("to_source", String),
    column("copy_count", Integer),
    column("spun_count", Integer),
    column("median_lag_seconds", Float),
)
SOURCE = table(
    "v_source",
    column("source_id", BigInteger),
    column("article_count", Integer),
    column("copied_count", Integer),
    column("copying_count", Integer),
    column("spun_count", Integer),
    column("first_seen_at", UtcDateTime),
    column("last_seen_at", UtcDateTime),
)
SPUN = table(
    "v_spun",
    column("low_id", BigInteger),
    column("high_id", BigInteger),
    column("spun_article_id", BigInteger),
    column("compared_article_id", BigInteger),
    column("spun_source", String),
)
