"""Remember how exact a modification time is and where it stood, an article's keywords, and re-extractions as such.

Why: a stated day must not pass for a second; keywords of news sitemaps were kept with the address alone; a run that
reads kept pages anew was recorded as an import.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_PRECISION = (
    "ALTER TABLE article ADD COLUMN modified_precision VARCHAR(20) CONSTRAINT ck_article_modified_precision "
    "CHECK (modified_precision IN ('second', 'minute', 'day', 'month', 'year')) CONSTRAINT ck_article_modified "
    "CHECK (modified_precision IS NULL OR modified_at IS NOT NULL)"
)
_OLD_KINDS, _NEW_KINDS = "'demo', 'reindex'", "'demo', 'reindex', 'reextract'"


def upgrade() -> None:
    op.execute(_PRECISION)
    if not _is_sqlite():
        op.execute("COMMENT ON COLUMN article.modified_precision IS 'second, minute, day, month or year'")
    op.add_column(
        "article",
        sa.Column("modified_origin", sa.Text(), nullable=True, comment="Where that time was found"),
    )
    op.add_column(
        "article",
        sa.Column(
            "keywords",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=True,
            comment="Keywords that its listing or its page gives",
        ),
    )
    _allow_kinds(_OLD_KINDS, _NEW_KINDS)


def downgrade() -> None:
    op.execute("UPDATE crawl_run SET kind = 'import' WHERE kind = 'reextract'")
    _allow_kinds(_NEW_KINDS, _OLD_KINDS)
    op.drop_column("article", "keywords")
    op.drop_column("article", "modified_origin")
    if _is_sqlite():  # a column with a CHECK of the table's cannot be dropped there; its own go with it
        op.execute("ALTER TABLE article DROP COLUMN modified_precision")
    else:
        op.drop_column("article", "modified_precision")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _allow_kinds(before: str, after: str) -> None:
    """Put another CHECK in the place of the one on the kinds of runs.

    Source: https://www.sqlite.org/lang_altertable.html section 7: a CHECK is changed in the schema's own text. The
    table is not made anew, because dropping the old one would take the runs' fetches with it.
    """
    if not _is_sqlite():
        op.drop_constraint(op.f("ck_crawl_run_kind"), "crawl_run", type_="check")
        op.create_check_constraint(
            op.f("ck_crawl_run_kind"), "crawl_run", f"kind IN ('crawl', 'import', {after})"
        )
        op.execute(f"COMMENT ON COLUMN crawl_run.kind IS '{_words_of(after)}'")
        return
    connection = op.get_bind()
    version = int(connection.exec_driver_sql("PRAGMA schema_version").scalar_one())
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'crawl_run'",
        (f"'import', {before})", f"'import', {after})"),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")


def _words_of(kinds: str) -> str:
    *first, last = ["crawl", "import", *kinds.replace("'", "").split(", ")]
    return f"{', '.join(first)} or {last}"
