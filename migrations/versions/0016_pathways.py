"""Parcours: the half-days they are made of."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pathway_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("offer_week_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("half", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "weekday BETWEEN 0 AND 4", name=op.f("ck_pathway_steps_weekday_of_school")
        ),
        sa.CheckConstraint(
            "half BETWEEN 0 AND 1", name=op.f("ck_pathway_steps_morning_or_afternoon")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_pathway_steps_offer_id_offers")
        ),
        sa.ForeignKeyConstraint(
            ["offer_week_id"],
            ["offer_weeks.id"],
            name=op.f("fk_pathway_steps_offer_week_id_offer_weeks"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway_steps")),
        sa.UniqueConstraint(
            "offer_id", "weekday", "half", name=op.f("uq_pathway_steps_offer_id_weekday_half")
        ),
    )
    with op.batch_alter_table("pathway_steps", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pathway_steps_offer_week_id"), ["offer_week_id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("pathway_steps")
