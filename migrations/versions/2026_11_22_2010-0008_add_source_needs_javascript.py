"""Remember which sources show their articles by script.

Why: `newsdedup crawl --due` has no seed list to look into, and must fetch these pages with a browser all the same.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "source",
        sa.Column(
            "needs_javascript",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether its pages show their articles by script",
        ),
    )


def downgrade() -> None:
    op.drop_column("source", "needs_javascript")
