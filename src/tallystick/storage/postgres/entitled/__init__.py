"""The store of manual grants and restrictions."""

from tallystick.storage.postgres.entitled.store import PostgresEntitlements

__all__ = ["PostgresEntitlements"]
