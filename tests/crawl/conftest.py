"""Databases of the storage tests, for crawls too."""

from tests.storage.conftest import migrated_postgres, postgres_server, postgres_url

__all__ = ["migrated_postgres", "postgres_server", "postgres_url"]
