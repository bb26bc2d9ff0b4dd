"""Who signed on paper for the needs of a pupil, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("access_needs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paper_signer", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("paper_date", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("access_needs", schema=None) as batch_op:
        batch_op.drop_column("paper_date")
        batch_op.drop_column("paper_signer")
