"""alembic's scripts: how the store of an earlier version becomes today's. Run by `aggregator.storage.migrate`."""
