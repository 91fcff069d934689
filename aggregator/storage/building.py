"""Makes today's tables in an empty database, on either kind."""

from uuid import uuid4

from sqlalchemy import Connection, column, insert, table

from aggregator.storage import schema

ALEMBIC_VERSION = (  # as alembic would make it
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
VERSION = table("alembic_version", column("version_num"))
NEWER = "was made by a newer aggregator (its schema is {revision}): use that version, or restore an older backup"


def build(connection: Connection) -> None:
    """Today's tables, marked as such, and the rows that every store has. The caller holds the transaction."""
    schema.metadata.create_all(connection, checkfirst=False)
    connection.exec_driver_sql(ALEMBIC_VERSION)
    connection.execute(insert(VERSION), [{"version_num": schema.REVISIONS[-1]}])
    connection.execute(insert(schema.meta), [{"name": "instance", "value": str(uuid4())}])
    connection.execute(insert(schema.counters), [{"name": name} for name in ("entered", "changes", "probe")])
