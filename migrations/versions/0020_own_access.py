"""Addresses that families give, once confirmed; campaigns in which guardians only look."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(), nullable=True))
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("guardians_act", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.alter_column("guardians_act", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.drop_column("guardians_act")
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_column("email")
