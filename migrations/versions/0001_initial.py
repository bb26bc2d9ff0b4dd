"""The first tables: people, schools, hosts, offers, wishes, campaigns, runs, placements."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_email")),
    )
    op.create_table(
        "demo_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offset_seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_clock")),
    )
    op.create_table(
        "guardians",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("code_digest", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardians")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_guardians_code_digest")),
    )
    op.create_table(
        "job_claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_claims")),
        sa.UniqueConstraint("job", "planned_at", name=op.f("uq_job_claims_job_planned_at")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("failure", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("recipient", "event_key", name=op.f("uq_messages_recipient_event_key")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_messages_state_next_try_at", ["state", "next_try_at"], unique=False
        )

    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_digest", sa.String(), nullable=False),
        sa.Column("address_digest", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_in_attempts_address_digest"), ["address_digest"], unique=False
        )
        batch_op.create_index(
            "ix_sign_in_attempts_target_at", ["target_digest", "at"], unique=False
        )

    op.create_table(
        "territories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("departement", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("academie", sa.String(), nullable=False),
        sa.Column("holiday_zone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territories")),
        sa.UniqueConstraint("departement", name=op.f("uq_territories_departement")),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("season", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("offers_open_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offers_close_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_monday", sa.Date(), nullable=False),
        sa.Column("last_monday", sa.Date(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("max_wishes", sa.Integer(), nullable=False),
        sa.Column("min_completions", sa.Integer(), nullable=False),
        sa.Column("max_completions", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "max_wishes BETWEEN 1 AND 30", name=op.f("ck_campaigns_max_wishes_sensible")
        ),
        sa.CheckConstraint(
            "min_completions >= 1", name=op.f("ck_campaigns_min_completions_positive")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territories.id"], name=op.f("fk_campaigns_territory_id_territories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint(
            "territory_id", "season", name=op.f("uq_campaigns_territory_id_season")
        ),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["accounts.id"], name=op.f("fk_events_actor_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_subject"), ["subject"], unique=False)

    op.create_table(
        "hosts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territories.id"], name=op.f("fk_hosts_territory_id_territories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hosts")),
    )
    with op.batch_alter_table("hosts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hosts_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_invitations_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_invitations_token_digest")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitations_account_id"), ["account_id"], unique=False)

    op.create_table(
        "schools",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("uai", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("limit_km", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(uai) = 8", name=op.f("ck_schools_uai_has_eight_signs")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territories.id"], name=op.f("fk_schools_territory_id_territories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schools")),
        sa.UniqueConstraint("uai", name=op.f("uq_schools_uai")),
    )
    with op.batch_alter_table("schools", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_schools_territory_id"), ["territory_id"], unique=False)

    op.create_table(
        "rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("wishes_open_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wishes_close_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("selected_run_id", sa.Integer(), nullable=True),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("commitment", sa.String(), nullable=True),
        sa.Column("public_value_name", sa.String(), nullable=False),
        sa.Column("public_value", sa.String(), nullable=True),
        sa.Column("snapshot_sha256", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_rounds_numbered_from_one")),
        sa.CheckConstraint(
            "wishes_open_at < wishes_close_at AND wishes_close_at <= run_at AND run_at <= review_until AND review_until <= publish_at AND publish_at < answers_until",
            name=op.f("ck_rounds_dates_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_rounds_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_rounds_campaign_id_number")),
    )
    op.create_table(
        "school_classes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("teacher", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_school_classes_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_school_classes_school_id_schools")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_classes")),
        sa.UniqueConstraint(
            "campaign_id",
            "school_id",
            "name",
            name=op.f("uq_school_classes_campaign_id_school_id_name"),
        ),
    )
    with op.batch_alter_table("school_classes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_school_classes_campaign_id"), ["campaign_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_school_classes_school_id"), ["school_id"], unique=False
        )

    op.create_table(
        "school_labels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_school_labels_school_id_schools")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_labels")),
        sa.UniqueConstraint(
            "school_id", "school_year", name=op.f("uq_school_labels_school_id_school_year")
        ),
    )
    op.create_table(
        "sites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("siret", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("insee_code", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.CheckConstraint("length(siret) = 14", name=op.f("ck_sites_siret_has_14_digits")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_sites_host_id_hosts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("siret", name=op.f("uq_sites_siret")),
    )
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sites_host_id"), ["host_id"], unique=False)

    op.create_table(
        "weeks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("days", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_weeks_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weeks")),
        sa.UniqueConstraint("campaign_id", "monday", name=op.f("uq_weeks_campaign_id_monday")),
    )
    op.create_table(
        "class_weeks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_class_id", sa.Integer(), nullable=False),
        sa.Column("week_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_class_id"],
            ["school_classes.id"],
            name=op.f("fk_class_weeks_school_class_id_school_classes"),
        ),
        sa.ForeignKeyConstraint(
            ["week_id"], ["weeks.id"], name=op.f("fk_class_weeks_week_id_weeks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_weeks")),
        sa.UniqueConstraint(
            "school_class_id", "week_id", name=op.f("uq_class_weeks_school_class_id_week_id")
        ),
    )
    with op.batch_alter_table("class_weeks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_class_weeks_week_id"), ["week_id"], unique=False)

    op.create_table(
        "offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("sector", sa.String(32), nullable=False),
        sa.Column("hours", sa.String(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("contact_name", sa.String(), nullable=False),
        sa.Column("contact_email", sa.String(), nullable=False),
        sa.Column("contact_phone", sa.String(), nullable=False),
        sa.Column("min_group", sa.Integer(), nullable=True),
        sa.Column("school_max", sa.Integer(), nullable=True),
        sa.Column("total_seats", sa.Integer(), nullable=True),
        sa.Column("reserved_seats", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(), nullable=False),
        sa.Column("form_key", sa.String(), nullable=True),
        sa.Column("demand", sa.Integer(), nullable=True),
        sa.CheckConstraint("demand BETWEEN 1 AND 3", name=op.f("ck_offers_demand_in_three_words")),
        sa.CheckConstraint("min_group >= 2", name=op.f("ck_offers_min_group_at_least_two")),
        sa.CheckConstraint(
            "reserved_seats >= 0", name=op.f("ck_offers_reserved_seats_not_negative")
        ),
        sa.CheckConstraint("school_max >= 1", name=op.f("ck_offers_school_max_positive")),
        sa.CheckConstraint("total_seats >= 1", name=op.f("ck_offers_total_seats_positive")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_offers_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_offers_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("form_key", name=op.f("uq_offers_form_key")),
    )
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offers_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offers_site_id"), ["site_id"], unique=False)

    op.create_table(
        "pupils",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("school_class_id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("last_name", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("code_digest", sa.String(), nullable=True),
        sa.Column("limit_km", sa.Integer(), nullable=True),
        sa.Column("refused_families", sa.JSON(), nullable=False),
        sa.Column("wishes_version", sa.Integer(), nullable=False),
        sa.Column("wishes_saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wishes_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_pupils_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(
            ["school_class_id"],
            ["school_classes.id"],
            name=op.f("fk_pupils_school_class_id_school_classes"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_pupils_school_id_schools")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupils")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_pupils_code_digest")),
        sa.UniqueConstraint(
            "school_class_id",
            "last_name",
            "first_name",
            "birth_date",
            name=op.f("uq_pupils_school_class_id_last_name_first_name_birth_date"),
        ),
    )
    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.create_index(
            "ix_pupils_campaign_id_school_id", ["campaign_id", "school_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_pupils_school_id"), ["school_id"], unique=False)

    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("publishable", sa.Boolean(), nullable=False),
        sa.Column("code_version", sa.String(), nullable=False),
        sa.Column("instance", sa.LargeBinary(), nullable=False),
        sa.Column("instance_sha256", sa.String(), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("failure", sa.String(), nullable=False),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_runs_progress_in_percent")),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["accounts.id"], name=op.f("fk_runs_requested_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_runs_round_id_rounds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_round_id"), ["round_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_runs_state"), ["state"], unique=False)

    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("host_id", sa.Integer(), nullable=True),
        sa.Column("territory_id", sa.Integer(), nullable=True),
        sa.Column("network", sa.String(32), nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN pupil_id IS NULL THEN 0 ELSE 1 END + CASE WHEN guardian_id IS NULL THEN 0 ELSE 1 END + CASE WHEN school_id IS NULL THEN 0 ELSE 1 END + CASE WHEN host_id IS NULL THEN 0 ELSE 1 END + CASE WHEN territory_id IS NULL THEN 0 ELSE 1 END) <= 1",
            name=op.f("ck_memberships_one_scope_at_most"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_memberships_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardians.id"], name=op.f("fk_memberships_guardian_id_guardians")
        ),
        sa.ForeignKeyConstraint(
            ["host_id"], ["hosts.id"], name=op.f("fk_memberships_host_id_hosts")
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_memberships_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_memberships_school_id_schools")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"],
            ["territories.id"],
            name=op.f("fk_memberships_territory_id_territories"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint(
            "account_id",
            "role",
            "pupil_id",
            "guardian_id",
            "school_id",
            "host_id",
            "territory_id",
            name=op.f(
                "uq_memberships_account_id_role_pupil_id_guardian_id_school_id_host_id_territory_id"
            ),
        ),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_memberships_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_memberships_guardian_id"), ["guardian_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_memberships_host_id"), ["host_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_memberships_pupil_id"), ["pupil_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_memberships_school_id"), ["school_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_memberships_territory_id"), ["territory_id"], unique=False
        )

    op.create_table(
        "offer_weeks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("week_id", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats >= 0", name=op.f("ck_offer_weeks_seats_not_negative")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_offer_weeks_offer_id_offers")
        ),
        sa.ForeignKeyConstraint(
            ["week_id"], ["weeks.id"], name=op.f("fk_offer_weeks_week_id_weeks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_weeks")),
        sa.UniqueConstraint("offer_id", "week_id", name=op.f("uq_offer_weeks_offer_id_week_id")),
    )
    with op.batch_alter_table("offer_weeks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_weeks_week_id"), ["week_id"], unique=False)

    op.create_table(
        "pupil_guardians",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardians.id"], name=op.f("fk_pupil_guardians_guardian_id_guardians")
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_pupil_guardians_pupil_id_pupils")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil_guardians")),
        sa.UniqueConstraint(
            "pupil_id", "guardian_id", name=op.f("uq_pupil_guardians_pupil_id_guardian_id")
        ),
    )
    with op.batch_alter_table("pupil_guardians", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pupil_guardians_guardian_id"), ["guardian_id"], unique=False
        )

    op.create_table(
        "run_pupils",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_run_pupils_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_pupils_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_pupils")),
        sa.UniqueConstraint("run_id", "pupil_id", name=op.f("uq_run_pupils_run_id_pupil_id")),
        sa.UniqueConstraint("run_id", "row", name=op.f("uq_run_pupils_run_id_row")),
    )
    with op.batch_alter_table("run_pupils", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_pupils_pupil_id"), ["pupil_id"], unique=False)

    op.create_table(
        "wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_wishes_rank_starts_at_one")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_wishes_offer_id_offers")
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_wishes_pupil_id_pupils")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishes")),
        sa.UniqueConstraint("pupil_id", "offer_id", name=op.f("uq_wishes_pupil_id_offer_id")),
        sa.UniqueConstraint("pupil_id", "rank", name=op.f("uq_wishes_pupil_id_rank")),
    )
    with op.batch_alter_table("wishes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wishes_offer_id"), ["offer_id"], unique=False)

    op.create_table(
        "assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("offer_week_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(32), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(offer_week_id IS NULL) = (source IS NULL)",
            name=op.f("ck_assignments_a_place_has_a_source"),
        ),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_assignments_rank_starts_at_one")),
        sa.ForeignKeyConstraint(
            ["offer_week_id"],
            ["offer_weeks.id"],
            name=op.f("fk_assignments_offer_week_id_offer_weeks"),
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_assignments_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_assignments_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint("run_id", "pupil_id", name=op.f("uq_assignments_run_id_pupil_id")),
    )
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assignments_offer_week_id"), ["offer_week_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_assignments_pupil_id"), ["pupil_id"], unique=False)

    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("offer_week_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_decisions_has_a_reason")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_decisions_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["offer_week_id"],
            ["offer_weeks.id"],
            name=op.f("fk_decisions_offer_week_id_offer_weeks"),
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_decisions_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_decisions_round_id_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decisions_pupil_id"), ["pupil_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decisions_round_id"), ["round_id"], unique=False)

    op.create_table(
        "placements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("offer_week_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_placements_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(
            ["offer_week_id"],
            ["offer_weeks.id"],
            name=op.f("fk_placements_offer_week_id_offer_weeks"),
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_placements_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_placements_round_id_rounds")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_placements_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
    )
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_placements_offer_week_id"), ["offer_week_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_placements_pupil_id"), ["pupil_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_placements_round_id"), ["round_id"], unique=False)
        batch_op.create_index(
            "uq_placements_one_active",
            ["campaign_id", "pupil_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('offered', 'accepted', 'kept')"),
            postgresql_where=sa.text("state IN ('offered', 'accepted', 'kept')"),
        )

    op.create_table(
        "run_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("offer_week_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_week_id"],
            ["offer_weeks.id"],
            name=op.f("fk_run_choices_offer_week_id_offer_weeks"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_choices_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_choices")),
        sa.UniqueConstraint("run_id", "row", name=op.f("uq_run_choices_run_id_row")),
    )
    with op.batch_alter_table("run_choices", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_run_choices_offer_week_id"), ["offer_week_id"], unique=False
        )
    # rounds and runs point to each other: this side comes once both exist
    with op.batch_alter_table("rounds") as batch:
        batch.create_foreign_key(
            "fk_rounds_selected_run_id_runs", "runs", ["selected_run_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("rounds") as batch:
        batch.drop_constraint("fk_rounds_selected_run_id_runs", type_="foreignkey")
    with op.batch_alter_table("run_choices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_run_choices_offer_week_id"))

    op.drop_table("run_choices")
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_placements_one_active",
            sqlite_where=sa.text("state IN ('offered', 'accepted', 'kept')"),
            postgresql_where=sa.text("state IN ('offered', 'accepted', 'kept')"),
        )
        batch_op.drop_index(batch_op.f("ix_placements_round_id"))
        batch_op.drop_index(batch_op.f("ix_placements_pupil_id"))
        batch_op.drop_index(batch_op.f("ix_placements_offer_week_id"))

    op.drop_table("placements")
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decisions_round_id"))
        batch_op.drop_index(batch_op.f("ix_decisions_pupil_id"))

    op.drop_table("decisions")
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignments_pupil_id"))
        batch_op.drop_index(batch_op.f("ix_assignments_offer_week_id"))

    op.drop_table("assignments")
    with op.batch_alter_table("wishes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wishes_offer_id"))

    op.drop_table("wishes")
    with op.batch_alter_table("run_pupils", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_run_pupils_pupil_id"))

    op.drop_table("run_pupils")
    with op.batch_alter_table("pupil_guardians", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pupil_guardians_guardian_id"))

    op.drop_table("pupil_guardians")
    with op.batch_alter_table("offer_weeks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_weeks_week_id"))

    op.drop_table("offer_weeks")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_memberships_territory_id"))
        batch_op.drop_index(batch_op.f("ix_memberships_school_id"))
        batch_op.drop_index(batch_op.f("ix_memberships_pupil_id"))
        batch_op.drop_index(batch_op.f("ix_memberships_host_id"))
        batch_op.drop_index(batch_op.f("ix_memberships_guardian_id"))
        batch_op.drop_index(batch_op.f("ix_memberships_account_id"))

    op.drop_table("memberships")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_runs_state"))
        batch_op.drop_index(batch_op.f("ix_runs_round_id"))

    op.drop_table("runs")
    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pupils_school_id"))
        batch_op.drop_index("ix_pupils_campaign_id_school_id")

    op.drop_table("pupils")
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offers_site_id"))
        batch_op.drop_index(batch_op.f("ix_offers_campaign_id"))

    op.drop_table("offers")
    with op.batch_alter_table("class_weeks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_class_weeks_week_id"))

    op.drop_table("class_weeks")
    op.drop_table("weeks")
    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sites_host_id"))

    op.drop_table("sites")
    op.drop_table("school_labels")
    with op.batch_alter_table("school_classes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_classes_school_id"))
        batch_op.drop_index(batch_op.f("ix_school_classes_campaign_id"))

    op.drop_table("school_classes")
    op.drop_table("rounds")
    with op.batch_alter_table("schools", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_schools_territory_id"))

    op.drop_table("schools")
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitations_account_id"))

    op.drop_table("invitations")
    with op.batch_alter_table("hosts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hosts_territory_id"))

    op.drop_table("hosts")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_subject"))
        batch_op.drop_index(batch_op.f("ix_events_at"))

    op.drop_table("events")
    op.drop_table("campaigns")
    op.drop_table("territories")
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_attempts_target_at")
        batch_op.drop_index(batch_op.f("ix_sign_in_attempts_address_digest"))

    op.drop_table("sign_in_attempts")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_state_next_try_at")

    op.drop_table("messages")
    op.drop_table("job_claims")
    op.drop_table("guardians")
    op.drop_table("demo_clock")
    op.drop_table("accounts")
