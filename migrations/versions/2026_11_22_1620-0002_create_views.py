"""Create the views for people who write SQL.

Why: analysts ask in SQL; the views spare them the rules (which pairs join, what stands for a lag, who is the
canonical article) and keep those rules in one place for the program's own reports.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# {lag} is the seconds from one time to another, {names} a list of distinct texts: both differ by database.
# A lag counts only between publication times known to the minute, for a day's precision would invent hours.
_DIALECTS = {
    "sqlite": {
        "lag": "round((julianday({later}) - julianday({earlier})) * 86400.0, 3)",
        "names": "(SELECT group_concat(word, ', ') FROM ({words} ORDER BY word) AS listed)",
        "real": "REAL",
        "least": "min",
        "greatest": "max",
    },
    "postgresql": {
        "lag": "CAST(extract(epoch FROM ({later} - {earlier})) AS double precision)",
        "names": "(SELECT string_agg(word, ', ') FROM ({words} ORDER BY word) AS listed)",
        "real": "double precision",
        "least": "least",
        "greatest": "greatest",
    },
}

_JOINS = "(p.review = 'confirmed' OR (p.review IS NULL AND p.joins_cluster))"

_V_CLUSTER_MEMBER = """
CREATE VIEW v_cluster_member AS
WITH placed AS (
    SELECT m.cluster_id, m.article_id, m.joined_at, a.text_hash, c.canonical_article_id,
           min(m.article_id) OVER (PARTITION BY m.cluster_id, a.text_hash) AS same_text_id
    FROM cluster_member AS m
    JOIN article AS a ON a.id = m.article_id
    JOIN cluster AS c ON c.id = m.cluster_id
), placed_canonical AS (
    SELECT cluster_id, same_text_id AS canonical_text_id FROM placed WHERE article_id = canonical_article_id
), compared AS (
    SELECT m.*, k.canonical_text_id,
           CASE WHEN d.low_id IS NOT NULL THEN m.canonical_article_id
                WHEN m.same_text_id = k.canonical_text_id THEN m.canonical_article_id
                WHEN t.low_id IS NOT NULL THEN m.canonical_article_id END AS direct_id,
           CASE WHEN m.same_text_id = k.canonical_text_id THEN 'exact'
                ELSE coalesce(d.label, t.label) END AS direct_label,
           CASE WHEN m.same_text_id = k.canonical_text_id THEN 1.0
                ELSE coalesce(d.similarity, t.similarity) END AS direct_similarity
    FROM placed AS m
    JOIN placed_canonical AS k ON k.cluster_id = m.cluster_id
    LEFT JOIN duplicate_pair AS d
        ON d.low_id = {least}(m.article_id, m.canonical_article_id)
        AND d.high_id = {greatest}(m.article_id, m.canonical_article_id)
    LEFT JOIN duplicate_pair AS t
        ON t.low_id = {least}(m.same_text_id, k.canonical_text_id)
        AND t.high_id = {greatest}(m.same_text_id, k.canonical_text_id)
), nearest AS (
    SELECT cluster_id, article_id, other_id, label, similarity,
           row_number() OVER (PARTITION BY article_id ORDER BY similarity DESC, other_id) AS place
    FROM (
        SELECT m.cluster_id, m.article_id, p.high_id AS other_id, p.label, p.similarity
        FROM compared AS m JOIN duplicate_pair AS p ON p.low_id = m.article_id
        WHERE m.direct_id IS NULL AND {joins}
        UNION ALL
        SELECT m.cluster_id, m.article_id, p.low_id, p.label, p.similarity
        FROM compared AS m JOIN duplicate_pair AS p ON p.high_id = m.article_id
        WHERE m.direct_id IS NULL AND {joins}
    ) AS around
)
SELECT m.cluster_id, m.article_id, m.article_id = m.canonical_article_id AS is_canonical,
       s.id AS source_id, s.name AS source, a.title, a.url,
       a.published_at, a.published_precision, a.first_seen_at,
       coalesce(a.published_at, a.first_seen_at) AS appeared_at,
       CASE WHEN m.article_id <> m.canonical_article_id THEN coalesce(m.direct_label, n.label) END AS label,
       CASE WHEN m.article_id <> m.canonical_article_id
            THEN coalesce(m.direct_similarity, n.similarity) END AS similarity,
       CASE WHEN m.article_id <> m.canonical_article_id
            THEN coalesce(m.direct_id, n.other_id) END AS compared_with_id,
       CASE WHEN m.article_id = m.canonical_article_id THEN NULL
            WHEN s.name = ks.name THEN 'revision' ELSE 'copy' END AS relation,
       CASE WHEN a.published_precision IN ('second', 'minute') AND k.published_precision IN ('second', 'minute')
            THEN {lag_published} END AS lag_seconds,
       k.id AS canonical_article_id, ks.name AS canonical_source
FROM compared AS m
JOIN article AS a ON a.id = m.article_id
JOIN source AS s ON s.id = a.source_id
JOIN article AS k ON k.id = m.canonical_article_id
JOIN source AS ks ON ks.id = k.source_id
LEFT JOIN nearest AS n ON n.article_id = m.article_id AND n.place = 1
"""

_V_CLUSTER = """
CREATE VIEW v_cluster AS
SELECT c.id AS cluster_id, c.member_count,
       (SELECT count(DISTINCT s.name) FROM cluster_member AS m JOIN article AS a ON a.id = m.article_id
        JOIN source AS s ON s.id = a.source_id WHERE m.cluster_id = c.id) AS source_count,
       {sources} AS sources,
       {labels} AS labels,
       (SELECT min(a.first_seen_at) FROM cluster_member AS m JOIN article AS a ON a.id = m.article_id
        WHERE m.cluster_id = c.id) AS first_seen_at,
       (SELECT min(a.published_at) FROM cluster_member AS m JOIN article AS a ON a.id = m.article_id
        WHERE m.cluster_id = c.id) AS first_published_at,
       (SELECT max(a.first_seen_at) FROM cluster_member AS m JOIN article AS a ON a.id = m.article_id
        WHERE m.cluster_id = c.id) AS last_seen_at,
       c.canonical_article_id, k.title AS canonical_title, k.url AS canonical_url, s.name AS canonical_source,
       c.canonical_reason, c.created_at, c.updated_at
FROM cluster AS c
JOIN article AS k ON k.id = c.canonical_article_id
JOIN source AS s ON s.id = k.source_id
WHERE c.state = 'active'
"""
_SOURCES = """SELECT DISTINCT s.name AS word FROM cluster_member AS m JOIN article AS a ON a.id = m.article_id
        JOIN source AS s ON s.id = a.source_id WHERE m.cluster_id = c.id"""
_LABELS = """SELECT DISTINCT p.label AS word FROM cluster_member AS m
        JOIN duplicate_pair AS p ON p.low_id = m.article_id WHERE m.cluster_id = c.id AND {joins}"""

_V_COPY_EDGE = """
CREATE VIEW v_copy_edge AS
WITH copies AS (
    SELECT canonical_source AS from_source, source AS to_source, label, lag_seconds,
           row_number() OVER (PARTITION BY canonical_source, source, lag_seconds IS NULL ORDER BY lag_seconds) AS place,
           count(lag_seconds) OVER (PARTITION BY canonical_source, source) AS lag_count
    FROM v_cluster_member
    WHERE relation = 'copy'
)
SELECT from_source, to_source, count(*) AS copy_count,
       sum(CASE WHEN label = 'spun' THEN 1 ELSE 0 END) AS spun_count,
       CAST(sum(CASE WHEN label = 'spun' THEN 1 ELSE 0 END) AS {real}) / count(*) AS spun_ratio,
       avg(CASE WHEN lag_seconds IS NOT NULL AND place IN ((lag_count + 1) / 2, (lag_count + 2) / 2)
                THEN lag_seconds END) AS median_lag_seconds
FROM copies
GROUP BY from_source, to_source
"""

_V_SPUN = """
CREATE VIEW v_spun AS
SELECT p.low_id, p.high_id, p.similarity, p.replaced_ratio, p.synonym_ratio, p.anchor_agreement_ratio,
       o.id AS original_article_id, o.title AS original_title, o.url AS original_url, os.name AS original_source,
       c.id AS spun_article_id, c.title AS spun_title, c.url AS spun_url, cs.name AS spun_source,
       p.likely_original_id IS NOT NULL AS is_direction_known, p.direction_reason,
       p.substitutions, p.reason, p.review, p.found_at
FROM duplicate_pair AS p
JOIN article AS o ON o.id = coalesce(p.likely_original_id, p.low_id)
JOIN article AS c ON c.id = CASE WHEN coalesce(p.likely_original_id, p.low_id) = p.low_id
                                 THEN p.high_id ELSE p.low_id END
JOIN source AS os ON os.id = o.source_id
JOIN source AS cs ON cs.id = c.source_id
WHERE p.label = 'spun' AND (p.review IS NULL OR p.review = 'confirmed')
"""

_V_TIMELINE = """
CREATE VIEW v_timeline AS
SELECT cluster_id,
       row_number() OVER (PARTITION BY cluster_id ORDER BY appeared_at, article_id) AS place,
       appeared_at,
       {lag_first} AS seconds_since_first,
       article_id, source, title, url, label, is_canonical
FROM (
    SELECT v.*, min(appeared_at) OVER (PARTITION BY cluster_id) AS first_appeared_at FROM v_cluster_member AS v
) AS m
"""

_V_SOURCE = """
CREATE VIEW v_source AS
WITH taken AS (
    SELECT source_id, count(*) AS copying_count, sum(CASE WHEN label = 'spun' THEN 1 ELSE 0 END) AS spun_count
    FROM v_cluster_member WHERE relation = 'copy' GROUP BY source_id
), given AS (
    SELECT k.source_id, count(*) AS copied_count
    FROM v_cluster_member AS v JOIN article AS k ON k.id = v.canonical_article_id
    WHERE v.relation = 'copy' GROUP BY k.source_id
), held AS (
    SELECT a.source_id, count(*) AS article_count, min(a.first_seen_at) AS first_seen_at,
           max(a.first_seen_at) AS last_seen_at
    FROM article AS a GROUP BY a.source_id
)
SELECT s.id AS source_id, s.name AS source, s.host, s.home_url, s.country, s.language,
       coalesce(h.article_count, 0) AS article_count,
       coalesce(g.copied_count, 0) AS copied_count,
       coalesce(t.copying_count, 0) AS copying_count,
       coalesce(t.spun_count, 0) AS spun_count,
       h.first_seen_at, h.last_seen_at
FROM source AS s
LEFT JOIN held AS h ON h.source_id = s.id
LEFT JOIN given AS g ON g.source_id = s.id
LEFT JOIN taken AS t ON t.source_id = s.id
"""

_VIEWS = (_V_CLUSTER_MEMBER, _V_CLUSTER, _V_COPY_EDGE, _V_SPUN, _V_TIMELINE, _V_SOURCE)
_NAMES = ("v_cluster_member", "v_cluster", "v_copy_edge", "v_spun", "v_timeline", "v_source")


def upgrade() -> None:
    for statement in _statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for view in reversed(_NAMES):
        op.execute(f"DROP VIEW {view}")


def _statements(dialect: str) -> tuple[str, ...]:
    words = _DIALECTS[dialect]
    pieces = {
        "sources": words["names"].replace("{words}", _SOURCES),
        "labels": words["names"].replace("{words}", _LABELS),
        "lag_published": words["lag"].format(later="a.published_at", earlier="k.published_at"),
        "lag_first": words["lag"].format(later="appeared_at", earlier="first_appeared_at"),
        "joins": _JOINS,
        **{name: words[name] for name in ("real", "least", "greatest")},
    }
    return tuple(_filled(view, pieces) for view in _VIEWS)


def _filled(statement: str, pieces: dict[str, str]) -> str:
    for name, piece in pieces.items():
        statement = statement.replace("{" + name + "}", piece)
    return statement
