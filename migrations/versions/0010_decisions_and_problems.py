"""Agreement to a place given by hand, and what hosts say of a place."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "place_problems",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("told_by_id", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "length(detail) <= 500", name=op.f("ck_place_problems_detail_stays_short")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placements.id"],
            name=op.f("fk_place_problems_placement_id_placements"),
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"],
            ["accounts.id"],
            name=op.f("fk_place_problems_settled_by_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["told_by_id"], ["accounts.id"], name=op.f("fk_place_problems_told_by_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_problems")),
    )
    with op.batch_alter_table("place_problems", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_place_problems_placement_id"), ["placement_id"], unique=False
        )
        batch_op.create_index(
            "uq_place_problems_one_waiting",
            ["placement_id"],
            unique=True,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )

    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("agreed", sa.Boolean(), nullable=False, server_default=sa.false())
        )

    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("agreed", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column("host_confirmed_at", sa.DateTime(timezone=True), nullable=True)
        )
    for table in ("decisions", "placements"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("agreed", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.drop_column("host_confirmed_at")
        batch_op.drop_column("agreed")

    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_column("agreed")

    with op.batch_alter_table("place_problems", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_place_problems_one_waiting",
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_place_problems_placement_id"))

    op.drop_table("place_problems")
