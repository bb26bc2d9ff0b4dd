"""Alembic's entry: runs the migrations on the connection or the address it is given."""

from alembic import context
from sqlalchemy import Enum

from models import Base
from models.base import UTCDateTime
from web.db import engine_for


def render_item(kind, item, _autogen):
    """Write plain types, so that an old migration never depends on today's models."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String({item.length})"
    return False


def run(connection):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


shared = context.config.attributes.get("connection")
if shared is not None:
    run(shared)
else:
    with engine_for(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
        run(connection)
