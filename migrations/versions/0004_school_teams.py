"""Teams of schools, classes to be confirmed, pupils who left."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "taught_classes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("school_class_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["memberships.id"],
            name=op.f("fk_taught_classes_membership_id_memberships"),
        ),
        sa.ForeignKeyConstraint(
            ["school_class_id"],
            ["school_classes.id"],
            name=op.f("fk_taught_classes_school_class_id_school_classes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taught_classes")),
        sa.UniqueConstraint(
            "membership_id",
            "school_class_id",
            name=op.f("uq_taught_classes_membership_id_school_class_id"),
        ),
    )
    with op.batch_alter_table("taught_classes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_taught_classes_school_class_id"), ["school_class_id"], unique=False
        )
    with op.batch_alter_table("school_classes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.add_column(sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.drop_column("left_at")
    with op.batch_alter_table("school_classes", schema=None) as batch_op:
        batch_op.drop_column("confirmed_at")
    with op.batch_alter_table("taught_classes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_taught_classes_school_class_id"))

    op.drop_table("taught_classes")
