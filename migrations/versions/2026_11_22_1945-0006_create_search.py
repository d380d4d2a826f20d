"""Create the search index over titles and texts.

Why: `newsdedup search` and `clusters --query` read every text before; an index finds words in milliseconds, ranks what
it finds, and lets people use it in SQL.

On SQLite an FTS5 table takes its content from `article` and keeps no second copy of the texts. Changes and deletions
reach it by triggers; new articles are taken in by the program, a batch at a time. On PostgreSQL a generated column
holds the words.
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A text longer than this is indexed by its beginning: a tsvector must stay below one megabyte.
_INDEXED_SIGNS = 200_000
# As FTS5 does: accents do not count, and words are runs of letters and digits. PostgreSQL's parser would take
# "and/or" for a path and "end.The" for a host.
_ACCENTS = "[\u0300-\u036f]+"
_JOINERS = "./-_@:&=?+~#%"

_SQLITE = (
    """
    CREATE VIRTUAL TABLE article_search USING fts5(
        title, text, content='article', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER article_search_update AFTER UPDATE OF title, text ON article
    WHEN EXISTS (SELECT 1 FROM article_search_docsize WHERE id = old.id)
    BEGIN
        INSERT INTO article_search (article_search, rowid, title, text)
        VALUES ('delete', old.id, old.title, old.text);
        INSERT INTO article_search (rowid, title, text) VALUES (new.id, new.title, new.text);
    END
    """,
    """
    CREATE TRIGGER article_search_delete AFTER DELETE ON article
    WHEN EXISTS (SELECT 1 FROM article_search_docsize WHERE id = old.id)
    BEGIN
        INSERT INTO article_search (article_search, rowid, title, text)
        VALUES ('delete', old.id, old.title, old.text);
    END
    """,
    "INSERT INTO article_search (rowid, title, text) SELECT id, title, text FROM article",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE:
            op.execute(statement)
        return
    connection = op.get_bind()
    connection.exec_driver_sql(
        f"""
        ALTER TABLE article ADD COLUMN search_vector tsvector GENERATED ALWAYS AS (
            setweight(to_tsvector('simple', {_words("title")}), 'A')
            || setweight(to_tsvector('simple', {_words("text")}), 'D')
        ) STORED
        """.replace("%", "%%")
    )
    op.execute("COMMENT ON COLUMN article.search_vector IS 'Words of title and text, for search'")
    op.create_index("ix_article_search_vector", "article", ["search_vector"], postgresql_using="gin")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER article_search_delete")
        op.execute("DROP TRIGGER article_search_update")
        op.execute("DROP TABLE article_search")
        return
    op.drop_index("ix_article_search_vector", "article")
    op.drop_column("article", "search_vector")


def _words(column: str) -> str:
    bare = f"regexp_replace(normalize(left(coalesce({column}, ''), {_INDEXED_SIGNS}), NFD), '{_ACCENTS}', '', 'g')"
    return f"translate({bare}, '{_JOINERS}', '{' ' * len(_JOINERS)}')"
