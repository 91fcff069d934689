"""The migrations, one a schema. A published one is never changed."""
