"""Runs that have a name, a scenario and figures to compare."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("scenario", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("details", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.alter_column("name", server_default=None)
        batch_op.alter_column("scenario", server_default=None)
        batch_op.alter_column("details", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_column("details")
        batch_op.drop_column("scenario")
        batch_op.drop_column("name")
