"""The migrations make the database that the models describe, on both engines."""

import pytest
from alembic import command
from sqlalchemy import inspect

from config import Settings
from tests import factories as make
from web.db import sessions_for
from web.schema import alembic_config, upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def blank(request, tmp_path):
    """Sessions on a database without any table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'blank.sqlite'}"
    else:
        url = request.getfixturevalue("blank_postgres")
    made = sessions_for(Settings(database_url=url))
    yield made
    made.engine.dispose()


def run(engine, order, *args):
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        order(config, *args)


def test_up_equal_down(blank):
    upgrade(blank.engine)
    run(blank.engine, command.check)
    run(blank.engine, command.downgrade, "base")
    assert inspect(blank.engine).get_table_names() in ([], ["alembic_version"])
    upgrade(blank.engine)


def test_a_campaign_can_be_written_and_read(blank):
    upgrade(blank.engine)
    with blank.writing() as session:
        campaign = make.campaign(session)
        weeks = make.weeks_of(session, campaign)
        school = make.school(session, campaign.territory)
        pupil = make.pupil(session, make.school_class(session, campaign, school, weeks))
        host = make.host(session, campaign.territory)
        make.wishes(session, pupil, make.offer(session, campaign, host, {weeks[0]: 2}))
        session.commit()
        assert [wish.rank for wish in pupil.wishes] == [1]
        session.refresh(campaign.rounds[0])
        assert campaign.rounds[0].wishes_close_at == make.WISHES_CLOSE


def test_a_database_in_use_is_upgraded_without_losing_a_row(tmp_path):
    made = sessions_for(Settings(database_url=f"sqlite:///{tmp_path / 'used.sqlite'}"))
    upgrade(made.engine, "0012")
    with made.engine.begin() as connection:
        for row in (
            "INSERT INTO accounts (id, email, name) VALUES (1, 'a@example.org', 'A')",
            "INSERT INTO memberships (account_id, role, pending) VALUES (1, 'admin', 0)",
        ):
            connection.exec_driver_sql(row)
    upgrade(made.engine)
    with made.engine.connect() as connection:
        [held] = connection.exec_driver_sql("SELECT account_id FROM memberships").all()
        [kept] = connection.exec_driver_sql("PRAGMA foreign_keys").all()
    made.engine.dispose()
    assert (held[0], kept[0]) == (1, 1)
