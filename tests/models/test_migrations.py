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
