"""Say in the columns' comments that two measures of a pair no longer depend on which article has the lower number.

Why: the numbers are the order of arrival, and a share that depends on it is another one in the next database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_REPLACED = (
    "Words of the lower in substitutions / its words in the aligned part",
    "Words of both in substitutions / words of both in the aligned part",
)
_ALIGNED = ("Aligned words", "Aligned words of the shorter text")


def upgrade() -> None:
    """Comment them as they are measured now."""
    _comment("replaced_ratio", sa.Float(), *_REPLACED)
    _comment("aligned_word_count", sa.Integer(), *_ALIGNED)


def downgrade() -> None:
    """Comment them as they were measured before."""
    _comment("replaced_ratio", sa.Float(), *reversed(_REPLACED))
    _comment("aligned_word_count", sa.Integer(), *reversed(_ALIGNED))


def _comment(column: str, type_: TypeEngine[Any], before: str, after: str) -> None:
    if not op.get_context().dialect.supports_comments:  # SQLite keeps none
        return
    op.alter_column(
        "duplicate_pair",
        column,
        existing_type=type_,
        existing_nullable=False,
        existing_comment=before,
        comment=after,
    )
