"""Remember the number in an address, and which article the address led to.

Why: sites rename articles and keep their number; an article must not be stored again under its new slug.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "crawl_url",
        sa.Column(
            "slug_key",
            sa.Text(),
            nullable=True,
            comment="Site and number, where the address carries one that may name the article",
        ),
    )
    op.add_column(
        "crawl_url",
        sa.Column(
            "article_identity_url",
            sa.Text(),
            nullable=True,
            comment="Article that it led to, after redirects and by the page's own word",
        ),
    )
    op.create_index(op.f("ix_crawl_url_slug_key"), "crawl_url", ["slug_key"])


def downgrade() -> None:
    op.drop_index(op.f("ix_crawl_url_slug_key"), table_name="crawl_url")
    op.drop_column("crawl_url", "article_identity_url")
    op.drop_column("crawl_url", "slug_key")
