"""Migrations of the PostgreSQL schema, in plain SQL; run by ``storage.postgres.migrate``."""
