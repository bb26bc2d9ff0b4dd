"""Roles that wait for their owner's word, SIRETs that are only claimed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("pending", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.alter_column("pending", server_default=None)
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("membership_id", sa.Integer(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_invitations_membership_id"), ["membership_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_invitations_membership_id_memberships"),
            "memberships",
            ["membership_id"],
            ["id"],
            ondelete="CASCADE",
        )
    # Who never chose a password accepts the role with the link already received.
    op.execute(
        "UPDATE memberships SET pending = true WHERE account_id IN "
        "(SELECT id FROM accounts WHERE email IS NOT NULL AND password_hash IS NULL)"
    )
    op.execute(
        "UPDATE invitations SET membership_id = (SELECT min(memberships.id) FROM memberships "
        "WHERE memberships.pending AND memberships.account_id = invitations.account_id)"
    )
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.add_column(sa.Column("claimed_siret", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_sites_claimed_siret"), ["claimed_siret"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sites_claimed_siret"))
        batch_op.drop_column("claimed_siret")
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_invitations_membership_id_memberships"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_invitations_membership_id"))
        batch_op.drop_column("membership_id")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_column("pending")
