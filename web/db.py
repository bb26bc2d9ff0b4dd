"""One database session per request, and engines set up the way we rely on."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request  # noqa: TID251
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from web.services.needs_access import data_key

READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Sessions:
    """Two factories over one pool: on SQLite only a writing session takes the lock at once."""

    writing: sessionmaker[Session]
    reading: sessionmaker[Session]

    @property
    def engine(self) -> Engine:
        """The engine behind both."""
        return self.writing.kw["bind"]


def sessions_for(settings: Settings) -> Sessions:
    """Return the factories of sessions, which carry the demo's mark and the digests' key."""
    engine = engine_for(settings.database_url)
    pepper = hashlib.sha256(b"codes:" + settings.secret_key.encode()).digest()
    info = {"demo": settings.demo, "pepper": pepper, "data_key": data_key(settings.data_key)}
    options: dict[str, Any] = {"info": info, "expire_on_commit": False}
    reading = engine.execution_options(begin="DEFERRED")
    return Sessions(sessionmaker(engine, **options), sessionmaker(reading, **options))


def engine_for(url: str) -> Engine:
    """Return an engine for this address; an SQLite file is made if missing, in WAL mode."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we write BEGIN ourselves, see _begin_sqlite
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # Deferred writers that meet fail at once; immediate ones wait their turn.
    kind = connection.get_execution_options().get("begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {kind}")


def init_db(app: Flask, sessions: Sessions) -> None:
    """Give the app its sessions and close each request's one."""
    app.extensions["db"] = sessions

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        session = g.pop("db", None)
        if session is not None:
            session.close()


def writing() -> Session:
    """Return a writing session of its own, for what must be kept whatever the request becomes."""
    sessions: Sessions = current_app.extensions["db"]
    return sessions.writing()


def db() -> Session:
    """Return this request's session."""
    if "db" not in g:
        sessions: Sessions = current_app.extensions["db"]
        g.db = (sessions.reading if request.method in READS else sessions.writing)()
    session: Session = g.db
    return session
