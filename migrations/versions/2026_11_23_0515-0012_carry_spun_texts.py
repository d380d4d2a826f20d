"""Tell in the view of spun copies every article that carries the spun text.

Why: equal texts are compared once for all of them, so of several sites with one spun text only one was shown.
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_COUNTS = "(p.review IS NULL OR p.review = 'confirmed')"

_PAIRS = f"""
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
WHERE p.label = 'spun' AND {_COUNTS}
"""  # noqa: S608  constants of this file

# Articles of one text are paired as a star: another point of it is one step away from its centre, two from a point.
_CARRIERS = f"""
CREATE VIEW v_spun AS
WITH spun AS (
    SELECT p.low_id, p.high_id, coalesce(p.likely_original_id, p.low_id) AS original_id,
           CASE WHEN coalesce(p.likely_original_id, p.low_id) = p.low_id THEN p.high_id ELSE p.low_id END AS copy_id
    FROM duplicate_pair AS p
    WHERE p.label = 'spun' AND {_COUNTS}
), same_text AS (
    SELECT p.low_id AS article_id, p.high_id AS other_id FROM duplicate_pair AS p
    WHERE p.label = 'exact' AND {_COUNTS}
    UNION ALL
    SELECT p.high_id, p.low_id FROM duplicate_pair AS p WHERE p.label = 'exact' AND {_COUNTS}
), carried AS (
    SELECT low_id, high_id, original_id, copy_id, copy_id AS article_id FROM spun
    UNION
    SELECT s.low_id, s.high_id, s.original_id, s.copy_id, t.other_id
    FROM spun AS s JOIN same_text AS t ON t.article_id = s.copy_id
    UNION
    SELECT s.low_id, s.high_id, s.original_id, s.copy_id, u.other_id
    FROM spun AS s JOIN same_text AS t ON t.article_id = s.copy_id JOIN same_text AS u ON u.article_id = t.other_id
)
SELECT p.low_id, p.high_id, p.similarity, p.replaced_ratio, p.synonym_ratio, p.anchor_agreement_ratio,
       o.id AS original_article_id, o.title AS original_title, o.url AS original_url, os.name AS original_source,
       c.id AS spun_article_id, c.title AS spun_title, c.url AS spun_url, cs.name AS spun_source,
       p.likely_original_id IS NOT NULL AS is_direction_known, p.direction_reason,
       p.substitutions, p.reason, p.review, p.found_at, k.copy_id AS compared_article_id
FROM carried AS k
JOIN duplicate_pair AS p ON p.low_id = k.low_id AND p.high_id = k.high_id
JOIN article AS o ON o.id = k.original_id
JOIN article AS c ON c.id = k.article_id
JOIN source AS os ON os.id = o.source_id
JOIN source AS cs ON cs.id = c.source_id
WHERE k.article_id = k.copy_id OR NOT EXISTS (
    SELECT 1 FROM spun AS s WHERE s.original_id = k.original_id AND s.copy_id = k.article_id
)
"""  # noqa: S608  constants of this file


def upgrade() -> None:
    _replace(_CARRIERS)


def downgrade() -> None:
    _replace(_PAIRS)


def _replace(view: str) -> None:
    op.execute("DROP VIEW v_spun")
    op.execute(view)
