"""What schools ask to change in the proposals they read before publication."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ABOUT_A_PLACE = "kind <> 'apart' AND state <> 'withdrawn'"
ABOUT_A_PAIR = "kind = 'apart' AND state <> 'withdrawn'"


def upgrade() -> None:
    op.create_table(
        "objections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("other_pupil_id", sa.Integer(), nullable=True),
        sa.Column("offer_week_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'apart') = (other_pupil_id IS NOT NULL)"
            " AND (kind = 'apart') = (offer_week_id IS NULL)",
            name=op.f("ck_objections_about_a_place_or_two_pupils"),
        ),
        sa.CheckConstraint("pupil_id < other_pupil_id", name=op.f("ck_objections_lower_id_first")),
        sa.CheckConstraint(
            "state <> 'refused' OR answer <> ''",
            name=op.f("ck_objections_a_refusal_has_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["accounts.id"], name=op.f("fk_objections_asked_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["accounts.id"], name=op.f("fk_objections_decided_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["offer_week_id"],
            ["offer_weeks.id"],
            name=op.f("fk_objections_offer_week_id_offer_weeks"),
        ),
        sa.ForeignKeyConstraint(
            ["other_pupil_id"], ["pupils.id"], name=op.f("fk_objections_other_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_objections_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_objections_round_id_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
    )
    with op.batch_alter_table("objections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objections_pupil_id"), ["pupil_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_objections_other_pupil_id"), ["other_pupil_id"], unique=False
        )
        batch_op.create_index(
            "uq_objections_one_for_a_place",
            ["round_id", "pupil_id", "offer_week_id"],
            unique=True,
            sqlite_where=sa.text(ABOUT_A_PLACE),
            postgresql_where=sa.text(ABOUT_A_PLACE),
        )
        batch_op.create_index(
            "uq_objections_one_for_a_pair",
            ["round_id", "pupil_id", "other_pupil_id"],
            unique=True,
            sqlite_where=sa.text(ABOUT_A_PAIR),
            postgresql_where=sa.text(ABOUT_A_PAIR),
        )


def downgrade() -> None:
    op.drop_table("objections")
