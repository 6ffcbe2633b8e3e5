"""Migrations of the PostgreSQL schema, in plain SQL; run by ``storage.postgres.migrate``."""

from tallystick.storage.postgres.migrations.script import run_script

__all__ = ["run_script"]
