"""Create the table of the lines that a source's articles hold.

Why: lines that a source repeats across unrelated articles are left out of what is signed and judged. Articles stored
before are counted by a re-index; until then the lines of new ones are learnt as they come.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "source_line",
        sa.Column("source_id", BIG_ID, nullable=False, comment="Publisher"),
        sa.Column(
            "line_hash",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Hash of the line without case and spaces",
        ),
        sa.Column(
            "article_count",
            sa.Integer(),
            nullable=False,
            comment="Articles that hold it and are not a revision of an earlier one",
        ),
        sa.Column(
            "unrelated_count",
            sa.Integer(),
            nullable=False,
            comment="Those of them that share little else with earlier articles of the source",
        ),
        sa.Column(
            "is_boilerplate",
            sa.Boolean(),
            nullable=False,
            comment="Whether it is left out of what is signed and judged",
        ),
        sa.Column(
            "late_article_count",
            sa.Integer(),
            nullable=False,
            comment="Articles signed with it before it was known as boilerplate; 0 after a re-index",
        ),
        sa.CheckConstraint(
            "unrelated_count >= 0 AND article_count >= unrelated_count",
            name=op.f("ck_source_line_article_count"),
        ),
        sa.CheckConstraint(
            "late_article_count >= 0 AND (is_boilerplate OR late_article_count = 0)",
            name=op.f("ck_source_line_late_article_count"),
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_source_line_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "line_hash", name=op.f("pk_source_line")),
        comment="Lines of each source's articles, to tell what a source repeats (boilerplate)",
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_source_line_boilerplate",
        "source_line",
        ["source_id", "line_hash"],
        unique=False,
        sqlite_where=sa.text("is_boilerplate"),
        postgresql_where=sa.text("is_boilerplate"),
    )


def downgrade() -> None:
    op.drop_index("ix_source_line_boilerplate", table_name="source_line")
    op.drop_table("source_line")
