"""Move the words of the search into a table of their own, on PostgreSQL.

Why: the generated column was computed while an article was stored, which took two thirds of an import's time, and it
was read with every article. The words are now added when an article's copies are looked up; a trigger follows what
changes afterwards. Large values are no longer compressed where that cannot help (hashes), and faster where it can.
SQLite needs no change.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A text longer than this is indexed by its beginning: a tsvector must stay below one megabyte.
_INDEXED_SIGNS = 200_000
# As FTS5 does: accents do not count, and words are runs of letters and digits. PostgreSQL's parser would take
# "and/or" for a path and "end.The" for a host.
_ACCENTS = "[\u0300-\u036f]+"
_JOINERS = "./-_@:&=?+~#%"

_UNCOMPRESSED = (
    ("signature", ("minhash", "passages", "buckets")),
    ("band_recent", ("postings",)),
    ("band_page", ("postings",)),
    ("band_segment", ("filter_bits",)),
)
_TEXTS = (("article", "text"), ("article_version", "text"))


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    _run(
        f"""
        CREATE FUNCTION search_words(title text, body text) RETURNS tsvector
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT setweight(to_tsvector('simple', {_words("title")}), 'A')
                || setweight(to_tsvector('simple', {_words("body")}), 'D')
        $$
        """,
        "COMMENT ON FUNCTION search_words IS 'Words of a title and a text, for article_search'",
        """
        CREATE TABLE article_search (
            article_id bigint CONSTRAINT pk_article_search PRIMARY KEY
                CONSTRAINT fk_article_search_article_id_article REFERENCES article (id) ON DELETE CASCADE,
            words tsvector NOT NULL
        )
        """,
        "COMMENT ON TABLE article_search IS 'Words of articles whose copies have been looked up, for search'",
        "COMMENT ON COLUMN article_search.article_id IS 'Article'",
        "COMMENT ON COLUMN article_search.words IS 'Words of title and text'",
        "INSERT INTO article_search (article_id, words) SELECT id, search_vector FROM article",
        "CREATE INDEX ix_article_search_words ON article_search USING gin (words)",
        """
        CREATE FUNCTION follow_article() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE article_search SET words = search_words(new.title, new.text) WHERE article_id = new.id;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER article_search_update AFTER UPDATE OF title, text ON article FOR EACH ROW
        WHEN (old.title IS DISTINCT FROM new.title OR old.text IS DISTINCT FROM new.text)
        EXECUTE FUNCTION follow_article()
        """,
        "DROP INDEX ix_article_search_vector",
        "ALTER TABLE article DROP COLUMN search_vector",
    )
    for table, columns in _UNCOMPRESSED:
        for column in columns:
            _run(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")
    known = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
    if op.get_bind().exec_driver_sql(known).scalar():
        for table, column in _TEXTS:
            _run(f"ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION lz4")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, column in _TEXTS:
        _run(f"ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION default")
    for table, columns in _UNCOMPRESSED:
        for column in columns:
            _run(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTENDED")
    _run(
        "DROP TRIGGER article_search_update ON article",
        "DROP FUNCTION follow_article",
        "DROP TABLE article_search",
        "DROP FUNCTION search_words",
        f"""
        ALTER TABLE article ADD COLUMN search_vector tsvector GENERATED ALWAYS AS (
            setweight(to_tsvector('simple', {_former_words("title")}), 'A')
            || setweight(to_tsvector('simple', {_former_words("text")}), 'D')
        ) STORED
        """,
        "COMMENT ON COLUMN article.search_vector IS 'Words of title and text, for search'",
        "CREATE INDEX ix_article_search_vector ON article USING gin (search_vector)",
    )


def _run(*statements: str) -> None:
    for statement in statements:
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def _words(column: str) -> str:
    start = f"left(coalesce({column}, ''), {_INDEXED_SIGNS})"
    # A text of single bytes has no accents.
    bare = (
        f"CASE WHEN octet_length({column}) = length({column}) THEN {start} "
        f"ELSE regexp_replace(normalize({start}, NFD), '{_ACCENTS}', '', 'g') END"
    )
    return _apart(bare)


def _former_words(column: str) -> str:
    bare = f"regexp_replace(normalize(left(coalesce({column}, ''), {_INDEXED_SIGNS}), NFD), '{_ACCENTS}', '', 'g')"
    return _apart(bare)


def _apart(bare: str) -> str:
    return f"translate({bare}, '{_JOINERS}', '{' ' * len(_JOINERS)}')"
