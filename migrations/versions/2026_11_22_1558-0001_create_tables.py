"""Create the tables of sources, runs, articles, the index of copies, pairs and clusters.

Why: the first form of the database. The tables are described column by column in docs/storage.md.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "band",
        sa.Column(
            "bucket",
            sa.BigInteger(),
            nullable=False,
            comment="View, band number and the band's values, mixed to signed 64 bits",
        ),
        sa.Column(
            "article_id", sa.BigInteger(), nullable=False, comment="Article whose signature has the bucket"
        ),
        sa.PrimaryKeyConstraint("bucket", "article_id", name=op.f("pk_band")),
        comment="Index of candidate pairs: articles by bucket",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "crawl_run",
        sa.Column("id", BIG_ID, nullable=False, comment="Number of the run"),
        sa.Column(
            "kind",
            sa.Enum(
                "crawl",
                "import",
                "demo",
                "reindex",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
            comment="crawl, import, demo or reindex",
        ),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "done",
                "failed",
                "interrupted",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
            comment="running, done, failed or interrupted",
        ),
        sa.Column("started_at", TIME, nullable=False, comment="When it began"),
        sa.Column("finished_at", TIME, nullable=True, comment="When it ended"),
        sa.Column(
            "owner", sa.Text(), nullable=True, comment="Process that holds the run's lease: host, process id"
        ),
        sa.Column("heartbeat_at", TIME, nullable=True, comment="Last sign of life of the owner"),
        sa.Column(
            "lease_expires_at", TIME, nullable=True, comment="After this the run counts as interrupted"
        ),
        sa.Column(
            "version", sa.Text(), server_default=sa.text("''"), nullable=False, comment="newsdedup version"
        ),
        sa.Column("settings", JSON, nullable=False, comment="What it was asked to do"),
        sa.Column("stats", JSON, nullable=False, comment="Its counters at the end"),
        sa.CheckConstraint(
            "(state = 'running') = (finished_at IS NULL)", name=op.f("ck_crawl_run_finished_at")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crawl_run")),
        comment="Executions of crawls and imports",
    )
    op.create_index(op.f("ix_crawl_run_started_at"), "crawl_run", ["started_at"], unique=False)
    op.create_table(
        "host",
        sa.Column("name", sa.Text(), nullable=False, comment="Host name"),
        sa.Column(
            "lease_owner", sa.Text(), nullable=True, comment="Worker that alone may fetch from the host"
        ),
        sa.Column("lease_expires_at", TIME, nullable=True, comment="After this the lease may be taken over"),
        sa.Column("heartbeat_at", TIME, nullable=True, comment="Last sign of life of the owner"),
        sa.Column(
            "fencing_token",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Grows with every lease; writes with an older one are refused",
        ),
        sa.Column("next_fetch_at", TIME, nullable=True, comment="Earliest next fetch"),
        sa.Column("crawl_delay_seconds", sa.Float(), nullable=True, comment="Delay that robots.txt asks for"),
        sa.Column(
            "failure_count",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Failures since the last success",
        ),
        sa.CheckConstraint("(lease_owner IS NULL) = (lease_expires_at IS NULL)", name=op.f("ck_host_lease")),
        sa.CheckConstraint(
            "crawl_delay_seconds IS NULL OR crawl_delay_seconds >= 0",
            name=op.f("ck_host_crawl_delay_seconds"),
        ),
        sa.CheckConstraint("fencing_token >= 0", name=op.f("ck_host_fencing_token")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_host")),
        comment="Hosts: who may fetch from them now, and when",
    )
    op.create_index(op.f("ix_host_next_fetch_at"), "host", ["next_fetch_at"], unique=False)
    op.create_table(
        "hot_bucket",
        sa.Column(
            "bucket",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Bucket as in band, whose rows are gone",
        ),
        sa.Column(
            "article_count",
            sa.Integer(),
            nullable=False,
            comment="Articles that shared it when it was capped",
        ),
        sa.Column("capped_at", TIME, nullable=False, comment="When it was capped"),
        sa.CheckConstraint("article_count >= 1", name=op.f("ck_hot_bucket_article_count")),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_hot_bucket")),
        comment="Buckets left out of the index because too many articles share them",
    )
    op.create_table(
        "setting",
        sa.Column(
            "name", sa.String(length=60), nullable=False, comment="signature_fingerprint, reindex, ..."
        ),
        sa.Column("value", JSON, nullable=False, comment="Its value"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
        comment="What the whole database was built with",
    )
    op.create_table(
        "source",
        sa.Column("id", BIG_ID, nullable=False, comment="Number of the source"),
        sa.Column(
            "name",
            sa.Text(),
            nullable=False,
            comment="Name as shown; sources with one name are one publisher",
        ),
        sa.Column("host", sa.Text(), nullable=False, comment="Host name, lower case, without port"),
        sa.Column("home_url", sa.Text(), nullable=False, comment="Address of the home page"),
        sa.Column("country", sa.Text(), nullable=True, comment="ISO 3166 country, as the seeds state it"),
        sa.Column("language", sa.Text(), nullable=True, comment="Main language, as the seeds state it"),
        sa.Column("created_at", TIME, nullable=False, comment="When the source was first stored"),
        sa.CheckConstraint("host = lower(host) AND host <> ''", name=op.f("ck_source_host_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("host", name=op.f("uq_source_host")),
        comment="Publishers, one row a host",
    )
    op.create_table(
        "article",
        sa.Column("id", BIG_ID, nullable=False, comment="Number of the article"),
        sa.Column("source_id", BIG_ID, nullable=False, comment="Publisher"),
        sa.Column("run_id", BIG_ID, nullable=True, comment="Run that stored it first"),
        sa.Column("url", sa.Text(), nullable=False, comment="Address it was fetched from"),
        sa.Column("identity_url", sa.Text(), nullable=False, comment="Normalised address, one an article"),
        sa.Column(
            "declared_canonical_url", sa.Text(), nullable=True, comment="rel=canonical, as the page has it"
        ),
        sa.Column(
            "declared_original_url",
            sa.Text(),
            nullable=True,
            comment="Address on another host that the page names as its original",
        ),
        sa.Column("title", sa.Text(), nullable=True, comment="Headline without the site's suffix"),
        sa.Column("byline", sa.Text(), nullable=True, comment="Authors, as printed"),
        sa.Column("language", sa.Text(), nullable=True, comment="Language of the text"),
        sa.Column("section", sa.Text(), nullable=True, comment="Section that the page names"),
        sa.Column("image_url", sa.Text(), nullable=True, comment="Lead image"),
        sa.Column("credit", sa.Text(), nullable=True, comment="Agency named in the page"),
        sa.Column(
            "is_paywalled", sa.Boolean(), nullable=True, comment="Whether the page says it is not free"
        ),
        sa.Column(
            "refuses_ai_training",
            sa.Boolean(),
            nullable=True,
            comment="Whether the page opts out of AI training",
        ),
        sa.Column("published_at", TIME, nullable=True, comment="Publication time that the publisher states"),
        sa.Column(
            "published_precision",
            sa.Enum(
                "second",
                "minute",
                "day",
                "month",
                "year",
                name="published_precision",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
            comment="second, minute, day, month or year",
        ),
        sa.Column("published_origin", sa.Text(), nullable=True, comment="Where that time was found"),
        sa.Column("modified_at", TIME, nullable=True, comment="Modification time that the publisher states"),
        sa.Column("first_seen_at", TIME, nullable=False, comment="When a feed or page first listed it"),
        sa.Column("fetched_at", TIME, nullable=False, comment="When its current version was fetched"),
        sa.Column(
            "extractor",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="Program and version that read the page",
        ),
        sa.Column("content_hash", sa.Text(), nullable=True, comment="Hash of the fetched bytes"),
        sa.Column("text", sa.Text(), nullable=True, comment="Text of the article; NULL once pruned"),
        sa.Column(
            "text_hash",
            sa.String(length=64),
            nullable=False,
            comment="Hash of the normalised text: equal texts",
        ),
        sa.Column("word_count", sa.Integer(), nullable=False, comment="Words of the text"),
        sa.Column(
            "version_number",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="1 for the first text seen at this URL",
        ),
        sa.Column(
            "dedup_state",
            sa.Enum(
                "pending",
                "claimed",
                "done",
                name="dedup_state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
            comment="pending, claimed (being looked up) or done: whether its copies are known",
        ),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_precision IS NULL)", name=op.f("ck_article_published")
        ),
        sa.CheckConstraint("version_number >= 1", name=op.f("ck_article_version_number")),
        sa.CheckConstraint("word_count >= 0", name=op.f("ck_article_word_count")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["crawl_run.id"], name=op.f("fk_article_run_id_crawl_run"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_article_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("identity_url", name=op.f("uq_article_identity_url")),
        comment="Fetched news texts, one row a URL, in their current version",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_article_first_seen_at"), "article", ["first_seen_at"], unique=False)
    op.create_index(op.f("ix_article_run_id"), "article", ["run_id"], unique=False)
    op.create_index(
        op.f("ix_article_source_id_first_seen_at"), "article", ["source_id", "first_seen_at"], unique=False
    )
    op.create_index(op.f("ix_article_text_hash"), "article", ["text_hash"], unique=False)
    op.create_index(
        "ix_article_unresolved",
        "article",
        ["id"],
        unique=False,
        sqlite_where=sa.text("dedup_state <> 'done'"),
        postgresql_where=sa.text("dedup_state <> 'done'"),
    )
    op.create_table(
        "crawl_url",
        sa.Column("id", BIG_ID, nullable=False, comment="Number of the address"),
        sa.Column("identity_url", sa.Text(), nullable=False, comment="Normalised address, one an article"),
        sa.Column("url", sa.Text(), nullable=False, comment="Address to fetch"),
        sa.Column("host", sa.Text(), nullable=False, comment="Host name of the address"),
        sa.Column("source_id", BIG_ID, nullable=True, comment="Publisher, where known"),
        sa.Column("feed_url", sa.Text(), nullable=True, comment="Feed that listed it first"),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "leased",
                "done",
                "skipped",
                "failed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
            comment="pending, leased, done, skipped or failed",
        ),
        sa.Column(
            "attempt_count",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Fetches so far",
        ),
        sa.Column("reason", sa.String(length=40), nullable=True, comment="Why it was skipped or failed"),
        sa.Column("discovered_at", TIME, nullable=False, comment="When it was first listed"),
        sa.Column("next_attempt_at", TIME, nullable=True, comment="Earliest (next) fetch; also a revisit"),
        sa.Column("fetched_at", TIME, nullable=True, comment="Last fetch"),
        sa.Column("etag", sa.Text(), nullable=True, comment="ETag of the last full answer"),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="Last-Modified of the last full answer"),
        sa.Column("content_hash", sa.Text(), nullable=True, comment="Hash of the last body"),
        sa.Column("lease_owner", sa.Text(), nullable=True, comment="Worker that is fetching it"),
        sa.Column("lease_expires_at", TIME, nullable=True, comment="After this it is pending again"),
        sa.Column(
            "hints", JSON, nullable=False, comment="What the listing said: title, publication time, language"
        ),
        sa.CheckConstraint(
            "(state = 'leased') = (lease_owner IS NOT NULL)", name=op.f("ck_crawl_url_lease_owner")
        ),
        sa.CheckConstraint("attempt_count >= 0", name=op.f("ck_crawl_url_attempt_count")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_crawl_url_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crawl_url")),
        sa.UniqueConstraint("identity_url", name=op.f("uq_crawl_url_identity_url")),
        comment="Addresses found in feeds, sitemaps and pages, and how far they have come",
    )
    op.create_index(op.f("ix_crawl_url_host"), "crawl_url", ["host"], unique=False)
    op.create_index(op.f("ix_crawl_url_source_id"), "crawl_url", ["source_id"], unique=False)
    op.create_index(
        op.f("ix_crawl_url_state_next_attempt_at"), "crawl_url", ["state", "next_attempt_at"], unique=False
    )
    op.create_table(
        "feed",
        sa.Column("id", BIG_ID, nullable=False, comment="Number of the feed"),
        sa.Column("source_id", BIG_ID, nullable=False, comment="Publisher of the feed"),
        sa.Column("url", sa.Text(), nullable=False, comment="Address of the feed"),
        sa.Column(
            "kind",
            sa.Enum(
                "feed",
                "sitemap",
                "section",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
            comment="feed, sitemap or section",
        ),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "failing",
                "gone",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
            comment="active, failing (asked less often) or gone (asked no more)",
        ),
        sa.Column("etag", sa.Text(), nullable=True, comment="ETag of the last full answer"),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="Last-Modified of the last full answer"),
        sa.Column("body_hash", sa.Text(), nullable=True, comment="Hash of the last body, to see no change"),
        sa.Column(
            "poll_interval_seconds", sa.Integer(), nullable=True, comment="Adaptive time between polls"
        ),
        sa.Column("next_fetch_at", TIME, nullable=True, comment="Earliest next poll"),
        sa.Column("last_fetched_at", TIME, nullable=True, comment="Last answer of any kind"),
        sa.Column("last_changed_at", TIME, nullable=True, comment="Last answer that listed something new"),
        sa.Column(
            "failure_count",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Failures since the last success",
        ),
        sa.Column("last_reason", sa.Text(), nullable=True, comment="Why the last poll failed"),
        sa.CheckConstraint("failure_count >= 0", name=op.f("ck_feed_failure_count")),
        sa.CheckConstraint(
            "poll_interval_seconds IS NULL OR poll_interval_seconds > 0",
            name=op.f("ck_feed_poll_interval_seconds"),
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_feed_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("url", name=op.f("uq_feed_url")),
        comment="Feeds, sitemaps and section pages that are polled",
    )
    op.create_index(op.f("ix_feed_next_fetch_at"), "feed", ["next_fetch_at"], unique=False)
    op.create_index(op.f("ix_feed_source_id"), "feed", ["source_id"], unique=False)
    op.create_table(
        "fetch_event",
        sa.Column("id", BIG_ID, nullable=False, comment="Number of the fetch"),
        sa.Column("run_id", BIG_ID, nullable=True, comment="Run that fetched"),
        sa.Column("source_id", BIG_ID, nullable=True, comment="Publisher, where known"),
        sa.Column("url", sa.Text(), nullable=False, comment="Address asked for"),
        sa.Column("final_url", sa.Text(), nullable=True, comment="Address that answered, after redirects"),
        sa.Column(
            "kind",
            sa.Enum(
                "article",
                "feed",
                "sitemap",
                "section",
                "robots",
                "file",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
            comment="What was asked for",
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "new",
                "updated",
                "unchanged",
                "not_modified",
                "read",
                "skipped",
                "failed",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
            comment="What became of it",
        ),
        sa.Column("reason", sa.String(length=40), nullable=True, comment="Why it was skipped or failed"),
        sa.Column("detail", sa.Text(), nullable=True, comment="The reason in more words"),
        sa.Column("http_status", sa.Integer(), nullable=True, comment="HTTP status of the answer"),
        sa.Column("byte_count", sa.BigInteger(), nullable=True, comment="Bytes of the body, decompressed"),
        sa.Column("elapsed_seconds", sa.Float(), nullable=True, comment="From request to answer"),
        sa.Column("fetched_at", TIME, nullable=False, comment="When the answer came"),
        sa.CheckConstraint(
            "(outcome IN ('skipped', 'failed')) = (reason IS NOT NULL)", name=op.f("ck_fetch_event_reason")
        ),
        sa.CheckConstraint("byte_count IS NULL OR byte_count >= 0", name=op.f("ck_fetch_event_byte_count")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["crawl_run.id"], name=op.f("fk_fetch_event_run_id_crawl_run"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_fetch_event_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetch_event")),
        comment="Every fetch, with the reason where it brought nothing",
    )
    op.create_index(op.f("ix_fetch_event_fetched_at"), "fetch_event", ["fetched_at"], unique=False)
    op.create_index(op.f("ix_fetch_event_run_id_outcome"), "fetch_event", ["run_id", "outcome"], unique=False)
    op.create_index(op.f("ix_fetch_event_source_id"), "fetch_event", ["source_id"], unique=False)
    op.create_table(
        "article_sighting",
        sa.Column("article_id", BIG_ID, nullable=False, comment="Article"),
        sa.Column("feed_url", sa.Text(), nullable=False, comment="Address of the feed or page"),
        sa.Column("first_seen_at", TIME, nullable=False, comment="First fetch that came from this listing"),
        sa.Column("last_seen_at", TIME, nullable=False, comment="Last fetch that came from this listing"),
        sa.CheckConstraint("last_seen_at >= first_seen_at", name=op.f("ck_article_sighting_last_seen_at")),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_article_sighting_article_id_article"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "feed_url", name=op.f("pk_article_sighting")),
        comment="Which feed listed an article, and when",
    )
    op.create_table(
        "article_version",
        sa.Column("article_id", BIG_ID, nullable=False, comment="Article"),
        sa.Column("version_number", sa.Integer(), nullable=False, comment="1 for the first text seen"),
        sa.Column("title", sa.Text(), nullable=True, comment="Headline of that version"),
        sa.Column("text", sa.Text(), nullable=True, comment="Text of that version; NULL once pruned"),
        sa.Column("text_hash", sa.String(length=64), nullable=False, comment="Hash of its normalised text"),
        sa.Column("word_count", sa.Integer(), nullable=False, comment="Words of its text"),
        sa.Column("modified_at", TIME, nullable=True, comment="Modification time stated then"),
        sa.Column("fetched_at", TIME, nullable=False, comment="When it was fetched"),
        sa.Column("replaced_at", TIME, nullable=False, comment="When the next version was fetched"),
        sa.CheckConstraint("version_number >= 1", name=op.f("ck_article_version_version_number")),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_article_version_article_id_article"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "version_number", name=op.f("pk_article_version")),
        comment="Earlier texts of articles that were changed by their publisher",
    )
    op.create_table(
        "cluster",
        sa.Column("id", BIG_ID, nullable=False, comment="Number of the cluster; never used again"),
        sa.Column(
            "state",
            sa.Enum("active", "retired", name="state", native_enum=False, create_constraint=True, length=20),
            nullable=False,
            comment="active or retired",
        ),
        sa.Column("merged_into_id", BIG_ID, nullable=True, comment="Cluster that took its members"),
        sa.Column("canonical_article_id", BIG_ID, nullable=True, comment="Article kept for the cluster"),
        sa.Column(
            "canonical_reason",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="Why that article",
        ),
        sa.Column("member_count", sa.Integer(), nullable=False, comment="Members"),
        sa.Column("created_at", TIME, nullable=False, comment="When it was first found"),
        sa.Column("updated_at", TIME, nullable=False, comment="When its members last changed"),
        sa.CheckConstraint(
            "(state = 'active' AND member_count >= 2) OR (state <> 'active' AND member_count = 0)",
            name=op.f("ck_cluster_member_count"),
        ),
        sa.CheckConstraint(
            "(state = 'active') = (canonical_article_id IS NOT NULL)",
            name=op.f("ck_cluster_canonical_article_id"),
        ),
        sa.CheckConstraint(
            "merged_into_id IS NULL OR state = 'retired'", name=op.f("ck_cluster_merged_into_id")
        ),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_cluster_not_into_itself")),
        sa.ForeignKeyConstraint(
            ["canonical_article_id"], ["article.id"], name=op.f("fk_cluster_canonical_article_id_article")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["cluster.id"], name=op.f("fk_cluster_merged_into_id_cluster")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster")),
        comment="Stories: articles connected by joining pairs",
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_cluster_canonical_article_id"), "cluster", ["canonical_article_id"], unique=False
    )
    op.create_index(op.f("ix_cluster_merged_into_id"), "cluster", ["merged_into_id"], unique=False)
    op.create_index(op.f("ix_cluster_updated_at"), "cluster", ["updated_at"], unique=False)
    op.create_table(
        "duplicate_pair",
        sa.Column("low_id", BIG_ID, nullable=False, comment="Article, the lower number"),
        sa.Column("high_id", BIG_ID, nullable=False, comment="Article, the higher number"),
        sa.Column(
            "label",
            sa.Enum(
                "exact",
                "near",
                "excerpt",
                "spun",
                "rewritten",
                name="label",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
            comment="exact, near, excerpt, spun or rewritten",
        ),
        sa.Column(
            "relation",
            sa.Enum(
                "copy", "revision", name="relation", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
            comment="copy or revision",
        ),
        sa.Column(
            "joins_cluster",
            sa.Boolean(),
            nullable=False,
            comment="Whether the detector puts both into one cluster",
        ),
        sa.Column("similarity", sa.Float(), nullable=False, comment="Aligned words of both / words of both"),
        sa.Column(
            "containment_low", sa.Float(), nullable=False, comment="Aligned words of the lower / its words"
        ),
        sa.Column(
            "containment_high", sa.Float(), nullable=False, comment="Aligned words of the higher / its words"
        ),
        sa.Column(
            "replaced_ratio",
            sa.Float(),
            nullable=False,
            comment="Words of the lower in substitutions / its words in the aligned part",
        ),
        sa.Column(
            "synonym_ratio",
            sa.Float(),
            nullable=False,
            comment="Substitutions found in the lexicon / substitutions",
        ),
        sa.Column(
            "anchor_agreement_ratio",
            sa.Float(),
            nullable=False,
            comment="Agreeing names and numbers / agreeing and conflicting ones",
        ),
        sa.Column("aligned_word_count", sa.Integer(), nullable=False, comment="Aligned words"),
        sa.Column("word_count_low", sa.Integer(), nullable=False, comment="Words of the lower"),
        sa.Column("word_count_high", sa.Integer(), nullable=False, comment="Words of the higher"),
        sa.Column("substitutions", JSON, nullable=False, comment="Objects with low, high, is_synonym, count"),
        sa.Column("agreeing_anchors", JSON, nullable=False, comment="Names and numbers in both"),
        sa.Column(
            "conflicting_anchors",
            JSON,
            nullable=False,
            comment="Names and numbers that differ: [of the lower, of the higher]",
        ),
        sa.Column("features", JSON, nullable=False, comment="What the decision looked at"),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why it is called a duplicate, in a sentence"),
        sa.Column("credit", sa.Text(), nullable=True, comment="Agency or original that a text names"),
        sa.Column("likely_original_id", BIG_ID, nullable=True, comment="Article that is likely the original"),
        sa.Column(
            "direction_reason", sa.Text(), nullable=True, comment="Why that one is likely the original"
        ),
        sa.Column(
            "detector_fingerprint",
            sa.String(length=64),
            nullable=False,
            comment="Version tag of thresholds and decision that judged the pair",
        ),
        sa.Column("found_at", TIME, nullable=False, comment="When the pair was first found"),
        sa.Column("judged_at", TIME, nullable=False, comment="When it was last judged"),
        sa.Column(
            "review",
            sa.Enum(
                "confirmed", "rejected", name="review", native_enum=False, create_constraint=True, length=20
            ),
            nullable=True,
            comment="Analyst's verdict, outranks the detector: confirmed or rejected",
        ),
        sa.Column("review_note", sa.Text(), nullable=True, comment="Analyst's reason"),
        sa.Column("reviewed_at", TIME, nullable=True, comment="When the verdict was given"),
        sa.CheckConstraint(
            "(review IS NULL) = (reviewed_at IS NULL)", name=op.f("ck_duplicate_pair_reviewed_at")
        ),
        sa.CheckConstraint(
            "anchor_agreement_ratio BETWEEN 0 AND 1", name=op.f("ck_duplicate_pair_anchor_agreement_ratio")
        ),
        sa.CheckConstraint(
            "containment_high BETWEEN 0 AND 1", name=op.f("ck_duplicate_pair_containment_high")
        ),
        sa.CheckConstraint("containment_low BETWEEN 0 AND 1", name=op.f("ck_duplicate_pair_containment_low")),
        sa.CheckConstraint(
            "likely_original_id IS NULL OR likely_original_id IN (low_id, high_id)",
            name=op.f("ck_duplicate_pair_likely_original_id"),
        ),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_duplicate_pair_order")),
        sa.CheckConstraint("replaced_ratio BETWEEN 0 AND 1", name=op.f("ck_duplicate_pair_replaced_ratio")),
        sa.CheckConstraint("similarity BETWEEN 0 AND 1", name=op.f("ck_duplicate_pair_similarity")),
        sa.CheckConstraint("synonym_ratio BETWEEN 0 AND 1", name=op.f("ck_duplicate_pair_synonym_ratio")),
        sa.ForeignKeyConstraint(
            ["high_id"], ["article.id"], name=op.f("fk_duplicate_pair_high_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["low_id"], ["article.id"], name=op.f("fk_duplicate_pair_low_id_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_duplicate_pair")),
        comment="Verified copies, two articles a row, with the evidence",
    )
    op.create_index(op.f("ix_duplicate_pair_found_at"), "duplicate_pair", ["found_at"], unique=False)
    op.create_index(op.f("ix_duplicate_pair_high_id"), "duplicate_pair", ["high_id"], unique=False)
    op.create_index(op.f("ix_duplicate_pair_label"), "duplicate_pair", ["label"], unique=False)
    op.create_table(
        "signature",
        sa.Column("article_id", BIG_ID, nullable=False, comment="Article"),
        sa.Column(
            "signature_fingerprint",
            sa.String(length=64),
            nullable=False,
            comment="Version tag of hash, normaliser, views, lexicon, word lists, permutations",
        ),
        sa.Column("language", sa.Text(), nullable=False, comment="Language whose word lists were used"),
        sa.Column(
            "minhash",
            sa.LargeBinary(),
            nullable=False,
            comment="Min-hash values of all views, little-endian uint32, one after the other",
        ),
        sa.Column(
            "passages",
            sa.LargeBinary(),
            nullable=False,
            comment="Sampled passages of the text, little-endian uint32, ascending",
        ),
        sa.Column(
            "buckets",
            sa.LargeBinary(),
            nullable=False,
            comment="Buckets of the signature, little-endian int64, sorted",
        ),
        sa.Column(
            "is_indexed",
            sa.Boolean(),
            nullable=False,
            comment="Whether its buckets are in band: one article represents all with equal text",
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_signature_article_id_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_signature")),
        comment="Signatures of current texts; comparable only under one signature_fingerprint",
    )
    op.create_index(
        op.f("ix_signature_signature_fingerprint_article_id"),
        "signature",
        ["signature_fingerprint", "article_id"],
        unique=False,
    )
    op.create_table(
        "cluster_event",
        sa.Column("id", BIG_ID, nullable=False, comment="Number of the event; the order of events"),
        sa.Column("cluster_id", BIG_ID, nullable=False, comment="Cluster"),
        sa.Column(
            "kind",
            sa.Enum(
                "created",
                "grown",
                "merged",
                "shrunk",
                "split",
                "retired",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
            comment="created, grown, merged, shrunk, split or retired",
        ),
        sa.Column("member_count", sa.Integer(), nullable=False, comment="Members after the event"),
        sa.Column(
            "other_cluster_id", BIG_ID, nullable=True, comment="Cluster that members went to or came from"
        ),
        sa.Column("happened_at", TIME, nullable=False, comment="When"),
        sa.CheckConstraint("member_count >= 0", name=op.f("ck_cluster_event_member_count")),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["cluster.id"], name=op.f("fk_cluster_event_cluster_id_cluster")
        ),
        sa.ForeignKeyConstraint(
            ["other_cluster_id"], ["cluster.id"], name=op.f("fk_cluster_event_other_cluster_id_cluster")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_event")),
        comment="What happened to clusters, in order",
    )
    op.create_index(op.f("ix_cluster_event_cluster_id"), "cluster_event", ["cluster_id"], unique=False)
    op.create_index(op.f("ix_cluster_event_happened_at"), "cluster_event", ["happened_at"], unique=False)
    op.create_table(
        "cluster_member",
        sa.Column("article_id", BIG_ID, nullable=False, comment="Article"),
        sa.Column("cluster_id", BIG_ID, nullable=False, comment="Its cluster"),
        sa.Column("joined_at", TIME, nullable=False, comment="When it came into this cluster"),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_cluster_member_article_id_article"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["cluster.id"], name=op.f("fk_cluster_member_cluster_id_cluster")
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_cluster_member")),
        comment="Which articles a cluster has",
    )
    op.create_index(op.f("ix_cluster_member_cluster_id"), "cluster_member", ["cluster_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_cluster_member_cluster_id"), table_name="cluster_member")
    op.drop_table("cluster_member")
    op.drop_index(op.f("ix_cluster_event_happened_at"), table_name="cluster_event")
    op.drop_index(op.f("ix_cluster_event_cluster_id"), table_name="cluster_event")
    op.drop_table("cluster_event")
    op.drop_index(op.f("ix_signature_signature_fingerprint_article_id"), table_name="signature")
    op.drop_table("signature")
    op.drop_index(op.f("ix_duplicate_pair_label"), table_name="duplicate_pair")
    op.drop_index(op.f("ix_duplicate_pair_high_id"), table_name="duplicate_pair")
    op.drop_index(op.f("ix_duplicate_pair_found_at"), table_name="duplicate_pair")
    op.drop_table("duplicate_pair")
    op.drop_index(op.f("ix_cluster_updated_at"), table_name="cluster")
    op.drop_index(op.f("ix_cluster_merged_into_id"), table_name="cluster")
    op.drop_index(op.f("ix_cluster_canonical_article_id"), table_name="cluster")
    op.drop_table("cluster")
    op.drop_table("article_version")
    op.drop_table("article_sighting")
    op.drop_index(op.f("ix_fetch_event_source_id"), table_name="fetch_event")
    op.drop_index(op.f("ix_fetch_event_run_id_outcome"), table_name="fetch_event")
    op.drop_index(op.f("ix_fetch_event_fetched_at"), table_name="fetch_event")
    op.drop_table("fetch_event")
    op.drop_index(op.f("ix_feed_source_id"), table_name="feed")
    op.drop_index(op.f("ix_feed_next_fetch_at"), table_name="feed")
    op.drop_table("feed")
    op.drop_index(op.f("ix_crawl_url_state_next_attempt_at"), table_name="crawl_url")
    op.drop_index(op.f("ix_crawl_url_source_id"), table_name="crawl_url")
    op.drop_index(op.f("ix_crawl_url_host"), table_name="crawl_url")
    op.drop_table("crawl_url")
    op.drop_index(
        "ix_article_unresolved",
        table_name="article",
        sqlite_where=sa.text("dedup_state <> 'done'"),
        postgresql_where=sa.text("dedup_state <> 'done'"),
    )
    op.drop_index(op.f("ix_article_text_hash"), table_name="article")
    op.drop_index(op.f("ix_article_source_id_first_seen_at"), table_name="article")
    op.drop_index(op.f("ix_article_run_id"), table_name="article")
    op.drop_index(op.f("ix_article_first_seen_at"), table_name="article")
    op.drop_table("article")
    op.drop_table("source")
    op.drop_table("setting")
    op.drop_table("hot_bucket")
    op.drop_index(op.f("ix_host_next_fetch_at"), table_name="host")
    op.drop_table("host")
    op.drop_index(op.f("ix_crawl_run_started_at"), table_name="crawl_run")
    op.drop_table("crawl_run")
    op.drop_table("band")
