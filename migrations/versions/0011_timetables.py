"""Hours day by day; what hosts had written freely stays as a note beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("days", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(
            sa.Column("long_week", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.alter_column("hours", new_column_name="hours_note")


def downgrade() -> None:
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.alter_column("hours_note", new_column_name="hours")
        batch_op.drop_column("long_week")
        batch_op.drop_column("days")
