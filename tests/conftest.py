import shutil

import pytest
import time_machine

from config import Settings
from models import Base
from tests.factories import WISHES_TIME
from web.app import create_app
from web.db import sessions_for


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """An SQLite file with every table, copied for each test."""
    path = tmp_path_factory.mktemp("schema") / "empty.sqlite"
    sessions = sessions_for(Settings(database_url=f"sqlite:///{path}"))
    Base.metadata.create_all(sessions.engine)
    sessions.engine.dispose()
    return path


@pytest.fixture
def sessions(empty_database, tmp_path):
    path = tmp_path / "test.sqlite"
    shutil.copy(empty_database, path)
    made = sessions_for(Settings(database_url=f"sqlite:///{path}", secret_key="s" * 32))
    yield made
    made.engine.dispose()


@pytest.fixture
def session(sessions):
    """A session that reads what pages wrote: commit before visiting a page."""
    with sessions.writing() as opened:
        yield opened


@pytest.fixture(scope="session")
def shared_app(empty_database):
    settings = Settings(
        testing=True, secret_key="s" * 32, database_url=f"sqlite:///{empty_database}"
    )
    return create_app(settings)


@pytest.fixture
def app(shared_app, sessions):
    shared_app.extensions["db"] = sessions
    return shared_app


@pytest.fixture
def clock():
    """Stop the time at a quiet moment of the wishes; `clock.move_to(moment)` changes it."""
    with time_machine.travel(WISHES_TIME, tick=False) as traveller:
        yield traveller


@pytest.fixture
def pages(app, clock):
    """A visitor nobody knows."""
    from tests.web.pages import Pages

    return Pages(app.test_client())


@pytest.fixture
def pages_as(app, clock):
    """`pages_as(membership)`: a visitor signed in with this membership."""
    from tests.web.pages import Pages

    def sign_in(membership):
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = str(membership.account_id)
            cookie["_fresh"] = True
            cookie["membership"] = membership.id
        return Pages(client)

    return sign_in
