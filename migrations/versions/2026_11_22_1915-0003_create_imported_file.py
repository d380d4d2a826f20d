"""Remember how far web archives are imported, and which extractor read a version.

Why: an import of a year of archives is stopped and started; and after `newsdedup reextract` a version that the
publisher changed must be told from one that a newer extractor reads otherwise.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
_VERSIONS = "Earlier texts of articles: changed by their publisher, or read by an earlier extractor"
_VERSIONS_BEFORE = "Earlier texts of articles that were changed by their publisher"


def upgrade() -> None:
    op.create_table(
        "imported_file",
        sa.Column("fingerprint", sa.String(64), nullable=False, comment="Hash of the file's beginning"),
        sa.Column("path", sa.Text(), nullable=False, comment="Where it was read from last"),
        sa.Column(
            "byte_offset",
            sa.BigInteger(),
            nullable=False,
            comment="Offset of the record that was stored last",
        ),
        sa.Column(
            "record_number",
            sa.BigInteger(),
            nullable=False,
            comment="Number of that record, from 1; 0 before the first",
        ),
        sa.Column("byte_count", sa.BigInteger(), nullable=False, comment="Size of the file when it was read"),
        sa.Column("is_complete", sa.Boolean(), nullable=False, comment="Whether all of it has been read"),
        sa.Column("updated_at", TIME, nullable=False, comment="When this was noted"),
        sa.CheckConstraint(
            "byte_offset >= 0 AND byte_offset <= byte_count", name=op.f("ck_imported_file_byte_offset")
        ),
        sa.CheckConstraint("record_number >= 0", name=op.f("ck_imported_file_record_number")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_imported_file")),
        comment="Web archives and how far they have been imported",
    )
    op.add_column(
        "article_version",
        sa.Column(
            "extractor",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="Program and version that read that version",
        ),
    )
    _describe_versions(_VERSIONS)


def downgrade() -> None:
    _describe_versions(_VERSIONS_BEFORE)
    with op.batch_alter_table("article_version") as table:
        table.drop_column("extractor")
    op.drop_table("imported_file")


def _describe_versions(comment: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.create_table_comment("article_version", comment)
