"""Count what is asked of the database."""

from contextlib import contextmanager

from sqlalchemy import event


@contextmanager
def counted(sessions):
    """The statements sent while inside, in a list that grows."""
    seen = []

    def note(_connection, _cursor, statement, *_):
        seen.append(statement)

    event.listen(sessions.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(sessions.engine, "before_cursor_execute", note)
