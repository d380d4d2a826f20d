"""Create the leases of sources and hosts, in place of the table of hosts that nothing ever wrote.

Why: two runs must not work on one source, two workers not fetch from one host, on however many machines; a run
says why it did not do what it was asked, and a feed keeps the interval or cron expression that its seed states.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column(
            "kind",
            sa.Enum("source", "host", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
            comment="source or host",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Host name of the source, or the host"),
        sa.Column("owner", sa.Text(), nullable=True, comment="Process that holds it: host, process id, run"),
        sa.Column(
            "fencing_token",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Grows with every lease; writes under an older one are refused",
        ),
        sa.Column("acquired_at", TIME, nullable=True, comment="When the last owner got it"),
        sa.Column("heartbeat_at", TIME, nullable=True, comment="Last sign of life of the owner"),
        sa.Column("expires_at", TIME, nullable=True, comment="After this it may be taken over"),
        sa.Column(
            "next_fetch_at",
            TIME,
            nullable=True,
            comment="Earliest next fetch from the host, kept when the lease passes on",
        ),
        sa.CheckConstraint("fencing_token >= 0", name=op.f("ck_lease_fencing_token")),
        sa.CheckConstraint("(owner IS NULL) = (expires_at IS NULL)", name=op.f("ck_lease_owner")),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_lease")),
        comment="Who alone may work on a source or fetch from a host, and until when",
    )
    op.create_index(op.f("ix_lease_owner"), "lease", ["owner"], unique=False)
    op.drop_index(op.f("ix_host_next_fetch_at"), table_name="host")
    op.drop_table("host")
    op.add_column(
        "crawl_run",
        sa.Column("reason", sa.Text(), nullable=True, comment="Why it did not do all it was asked to"),
    )
    op.add_column(
        "feed",
        sa.Column(
            "every",
            sa.Text(),
            nullable=True,
            comment="Interval or cron expression that its seed asks for; none: adaptive",
        ),
    )


def downgrade() -> None:
    op.drop_column("feed", "every")
    op.drop_column("crawl_run", "reason")
    op.create_table(
        "host",
        sa.Column("name", sa.Text(), nullable=False, comment="Host name"),
        sa.Column(
            "lease_owner", sa.Text(), nullable=True, comment="Worker that alone may fetch from the host"
        ),
        sa.Column("lease_expires_at", TIME, nullable=True, comment="After this the lease may be taken over"),
        sa.Column("heartbeat_at", TIME, nullable=True, comment="Last sign of life of the owner"),
        sa.Column(
            "fencing_token",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Grows with every lease; writes with an older one are refused",
        ),
        sa.Column("next_fetch_at", TIME, nullable=True, comment="Earliest next fetch"),
        sa.Column("crawl_delay_seconds", sa.Float(), nullable=True, comment="Delay that robots.txt asks for"),
        sa.Column(
            "failure_count",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Failures since the last success",
        ),
        sa.CheckConstraint("(lease_owner IS NULL) = (lease_expires_at IS NULL)", name=op.f("ck_host_lease")),
        sa.CheckConstraint(
            "crawl_delay_seconds IS NULL OR crawl_delay_seconds >= 0",
            name=op.f("ck_host_crawl_delay_seconds"),
        ),
        sa.CheckConstraint("fencing_token >= 0", name=op.f("ck_host_fencing_token")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_host")),
        comment="Hosts: who may fetch from them now, and when",
    )
    op.create_index(op.f("ix_host_next_fetch_at"), "host", ["next_fetch_at"], unique=False)
    op.drop_index(op.f("ix_lease_owner"), table_name="lease")
    op.drop_table("lease")
