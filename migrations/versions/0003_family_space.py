"""The family space in depth: found places, requests, accessibility, telephones, answers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LIVE = sa.text("state IN ('declared', 'checked')")
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "found_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("week_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("host_name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("tutor_name", sa.String(), nullable=False),
        sa.Column("tutor_contact", sa.String(), nullable=False),
        sa.Column("declared_by_id", sa.Integer(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_found_places_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(
            ["declared_by_id"],
            ["accounts.id"],
            name=op.f("fk_found_places_declared_by_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_found_places_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(
            ["week_id"], ["weeks.id"], name=op.f("fk_found_places_week_id_weeks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_found_places")),
    )
    with op.batch_alter_table("found_places", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_found_places_campaign_id"), ["campaign_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_found_places_pupil_id"), ["pupil_id"], unique=False)
        batch_op.create_index(
            "uq_found_places_one_live",
            ["pupil_id"],
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        )

    op.create_table(
        "explanation_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "length(text) <= 1000", name=op.f("ck_explanation_requests_text_of_a_page")
        ),
        sa.CheckConstraint(
            "state <> 'answered' OR answer <> ''",
            name=op.f("ck_explanation_requests_answered_in_words"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"],
            ["accounts.id"],
            name=op.f("fk_explanation_requests_answered_by_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["accounts.id"],
            name=op.f("fk_explanation_requests_asked_by_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_explanation_requests_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_explanation_requests_round_id_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanation_requests")),
    )
    with op.batch_alter_table("explanation_requests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_explanation_requests_pupil_id"), ["pupil_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_explanation_requests_round_id"), ["round_id"], unique=False
        )
        batch_op.create_index(
            "uq_explanation_requests_one_waiting",
            ["pupil_id", "kind"],
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        )

    op.create_table(
        "access_needs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("consent_by_id", sa.Integer(), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_by_id"], ["accounts.id"], name=op.f("fk_access_needs_consent_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_access_needs_pupil_id_pupils")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_needs")),
        sa.UniqueConstraint("pupil_id", name=op.f("uq_access_needs_pupil_id")),
    )
    op.add_column(
        "offers", sa.Column("accessibility", sa.JSON(), server_default="[]", nullable=False)
    )
    op.add_column("pupils", sa.Column("phone", sa.String(), nullable=True))
    op.add_column("guardians", sa.Column("phone", sa.String(), nullable=True))
    op.add_column(
        "placements", sa.Column("validated_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("placements", "validated_at")
    op.drop_column("guardians", "phone")
    op.drop_column("pupils", "phone")
    op.drop_column("offers", "accessibility")
    op.drop_table("access_needs")
    op.drop_table("explanation_requests")
    op.drop_table("found_places")
