"""Bring a database to the newest schema."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect

from models import Base

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def alembic_config() -> Config:
    """Alembic's settings, without a file: the scripts live beside the packages."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def lacks_tables(connection: Connection) -> bool:
    """Whether a table is missing: nothing was created here, or not by this version."""
    return not set(Base.metadata.tables) <= set(inspect(connection).get_table_names())


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations that this database lacks, in one transaction.

    SQLite changes a table by copying and dropping it, which its foreign keys would refuse as
    soon as another table points to it: they are off meanwhile, and checked before the commit.
    """
    config = alembic_config()
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            _foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
                if sqlite and (broken := _broken(connection)):
                    raise RuntimeError(f"a migration left rows that point nowhere: {broken}")
        finally:
            if sqlite:
                _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, state: str) -> None:
    """Straight to the driver: within a transaction SQLite ignores this order."""
    driver: Any = connection.connection.dbapi_connection
    driver.execute(f"PRAGMA foreign_keys = {state}")


def _broken(connection: Connection) -> list[Any]:
    return [row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
