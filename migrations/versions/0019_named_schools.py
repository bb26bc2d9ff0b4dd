"""Seats of an offer kept for named schools."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

POSITIVE = "ck_offers_named_seats_not_negative"


def upgrade() -> None:
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("named_seats", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(
            sa.Column("named_schools", sa.JSON(), nullable=False, server_default="[]")
        )
        batch_op.create_check_constraint(op.f(POSITIVE), "named_seats >= 0")


def downgrade() -> None:
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(POSITIVE), type_="check")
        batch_op.drop_column("named_schools")
        batch_op.drop_column("named_seats")
