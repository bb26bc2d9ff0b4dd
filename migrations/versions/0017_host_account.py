"""What an offer asks and keeps, what agreements need of a host, who is written about a site."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OFFER_TEXTS = ("lunch", "dress", "elsewhere", "tutors")
HOST_TEXTS = ("signatory", "signatory_email", "insurer", "policy_number")


def upgrade() -> None:
    op.create_table(
        "muted_sites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["memberships.id"],
            name=op.f("fk_muted_sites_membership_id_memberships"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["sites.id"],
            name=op.f("fk_muted_sites_site_id_sites"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_muted_sites")),
        sa.UniqueConstraint(
            "membership_id", "site_id", name=op.f("uq_muted_sites_membership_id_site_id")
        ),
    )
    with op.batch_alter_table("muted_sites", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_muted_sites_site_id"), ["site_id"], unique=False)
    with op.batch_alter_table("hosts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ministry", sa.String(32), nullable=True))
        for name in HOST_TEXTS:
            batch_op.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("safe", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("reserve_until", sa.Date(), nullable=True))
        for name in OFFER_TEXTS:
            batch_op.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("offers", schema=None) as batch_op:
        for name in (*OFFER_TEXTS, "reserve_until", "safe"):
            batch_op.drop_column(name)
    with op.batch_alter_table("hosts", schema=None) as batch_op:
        for name in (*HOST_TEXTS, "ministry"):
            batch_op.drop_column(name)
    with op.batch_alter_table("muted_sites", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_muted_sites_site_id"))
    op.drop_table("muted_sites")
