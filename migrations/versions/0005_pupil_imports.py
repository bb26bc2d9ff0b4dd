"""Lists of pupils to confirm, and the fingerprint that knows a pupil again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pupil_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("fixes", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_pupil_imports_campaign_id_campaigns"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_pupil_imports_school_id_schools")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil_imports")),
    )
    with op.batch_alter_table("pupil_imports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pupil_imports_campaign_id"), ["campaign_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_pupil_imports_created_at"), ["created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_pupil_imports_school_id"), ["school_id"], unique=False)
    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ine_digest", sa.String(), nullable=True))
        batch_op.create_index(
            "uq_pupils_ine", ["campaign_id", "school_id", "ine_digest"], unique=True
        )


def downgrade() -> None:
    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.drop_index("uq_pupils_ine")
        batch_op.drop_column("ine_digest")

    with op.batch_alter_table("pupil_imports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pupil_imports_school_id"))
        batch_op.drop_index(batch_op.f("ix_pupil_imports_created_at"))
        batch_op.drop_index(batch_op.f("ix_pupil_imports_campaign_id"))

    op.drop_table("pupil_imports")
