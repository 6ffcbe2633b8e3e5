"""What accounts may use: manual grants, restrictions, and what decision makers read."""

from tallystick.storage.postgres.entitled.standing import PostgresStandings
from tallystick.storage.postgres.entitled.store import PostgresEntitlements

__all__ = ["PostgresEntitlements", "PostgresStandings"]
