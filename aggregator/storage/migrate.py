"""Brings an older store up to date, in one transaction. Imported only when there is something to do: alembic is big."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from aggregator.errors import StorageError
from aggregator.storage.database import Database


def upgrade(database: Database) -> None:
    """Run every migration that this store has not had. Killed or failing half-way, the store stays as it was."""
    config = Config()
    config.set_main_option("script_location", "aggregator.storage:migrations")
    config.set_main_option("path_separator", "os")
    with database.write() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StorageError(f"{database.kind.name} cannot be brought up to date: {error}") from error
